// Of the page's own waits, too.
export { waitMs } from '../../client/react/waits.js';
