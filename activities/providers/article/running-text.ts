import { type DefaultTreeAdapterMap, parse } from 'parse5';
import { languageTag } from '../../../job-types/fields/language.js';
import { StepFailure } from '../../frame/step-failure.js';
import { cleanLine } from './clean-text.js';
import { withoutLongTags } from './long-tags.js';
import { standsAround, weighProse } from './prose.js';
import { isInline } from './text-of.js';
import { fewestLetters, weighLetters } from './why-no-article.js';

type Parsed = DefaultTreeAdapterMap['node'];
type ParsedElement = DefaultTreeAdapterMap['element'];

export interface RunningText {
  title: string | null;
  language: string | null;
  text: string;
}

const notRead = new Set('head noscript svg math rt rp rtc'.split(' '));
const hides = /display\s*:\s*none|visibility\s*:\s*hidden/i;

/**
 * The running text of a page, without a look for the article in it, and with no other tree than that of the parser. A
 * page of 5 MB takes a quarter of what it takes to look for more. Text that a style sheet hides is not told from the rest.
 *
 * @throws {StepFailure} no-article
 */
export function readRunningText(html: string): RunningText {
  const lines: string[] = [];
  let title: string | null = null;
  let language: string | null = null;
  let line = '';
  let linked = 0;
  const endLine = (): void => {
    const text = cleanLine(line);
    if (weighProse({ text, linked }) > 0) lines.push(text);
    line = '';
    linked = 0;
  };
  const visit = (node: Parsed, inLink: boolean): void => {
    if (node.nodeName === '#text' && 'value' in node) {
      line += node.value;
      if (inLink) linked += cleanLine(node.value).length;
    }
    if (!('childNodes' in node)) return;
    const element = 'tagName' in node ? node : null;
    if (element?.tagName === 'html') language = languageTag(attributeOf(element, 'lang') ?? '');
    if (element?.tagName === 'head') title = titleIn(element);
    if (element && isPassedOver(element)) return;
    const isBlock = element !== null && !isInline(element.tagName);
    if (isBlock) endLine();
    for (const child of node.childNodes) visit(child, inLink || element?.tagName === 'a');
    if (isBlock) endLine();
  };
  visit(parse(withoutLongTags(html)), false);
  const text = lines.join('\n');
  if (weighLetters(text) < fewestLetters) {
    throw new StepFailure('no-article', 'The page has hardly any running text.');
  }
  return { title, language, text };
}

const attributeOf = ({ attrs }: ParsedElement, name: string): string | null =>
  attrs.find((attribute) => attribute.name === name)?.value ?? null;

function isPassedOver(element: ParsedElement): boolean {
  const { tagName } = element;
  if (notRead.has(tagName) || attributeOf(element, 'hidden') !== null) return true;
  if (hides.test(attributeOf(element, 'style')?.slice(0, 1_000) ?? '')) return true;
  return standsAround(tagName.toUpperCase(), (name) => attributeOf(element, name));
}

function titleIn(head: ParsedElement): string | null {
  const title = head.childNodes.find((node) => node.nodeName === 'title');
  if (!title || !('childNodes' in title)) return null;
  return cleanLine(title.childNodes.map((child) => ('value' in child ? child.value : '')).join('')) || null;
}
