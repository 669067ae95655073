export { ask } from './ask.js';
export { extractArticle } from './extract-article.js';
