import { type Declarations, hiding, isMoving } from './declarations.js';
import type { DomDocument, DomElement, DomNode } from './dom.js';
import { isAround, proseWeights, weighProse } from './prose.js';
import { namesOf, readSheets } from './style-sheets.js';
import { linesOf } from './text-of.js';
import { weighLetters } from './why-no-article.js';

export interface PageScripts {
  /** Strings in the page's scripts, as far as they may name something in it. */
  named: ReadonlySet<string>;
  /** Style sheets for browsers that run no scripts: they show what a script would. */
  withoutScripts: readonly DomDocument[];
}

/** Fewer letters are an icon's name, an arrow or a mark, which readers for the blind pass over because it is no text. */
const longestDecoration = 24;

/** Classes and attributes of libraries that let things appear. */
const appearing =
  /(^|[\s_-])(aos|wow|reveal|fade|animat\w*|motion|appear|in-?view|scroll\w*|slide\w*|lazy\w*|transition\w*)([\s_-]|$)/i;
const appearingAttributes = [
  'data-aos',
  'data-sal',
  'data-scroll',
  'data-animate',
  'data-animation',
  'data-reveal',
  'data-motion',
  'data-w-id',
  'data-framer-appear-id',
];

interface Hidden {
  element: DomElement;
  /** What hides it; the same for all that are hidden together. */
  means: string;
  prose: number;
}

/**
 * Takes out what a person who opens the page does not see. What is only not seen yet stays: a script or an animation
 * shows it, or a "read more" holds it. The page is judged by what it says about itself, since nothing is run.
 *
 * @returns how much running text was taken out
 */
export function settleHidden(document: DomDocument, { named, withoutScripts }: PageScripts): number {
  for (const element of document.querySelectorAll('[aria-hidden="true"]')) {
    // It says nothing about what is seen.
    if (weighLetters((element.textContent ?? '').slice(0, 1000)) < longestDecoration) element.remove();
  }
  const sheets = readSheets(document);
  const candidates = sheets.candidates();
  for (const element of document.querySelectorAll('[hidden], [popover]')) {
    if (!candidates.has(element)) candidates.set(element, []);
  }
  if (candidates.size === 0) return 0;

  const weights = proseWeights(linesOf(document.body), document.body);
  const controlled = controlledIds(document);
  const shownWithoutScripts = new Set(
    withoutScripts.flatMap((sheet) => [...readSheets(sheet).shown(document)]),
  );

  const isShown = (
    element: DomElement,
    { has, prose, selectors }: { has: Declarations; prose: number; selectors: string[] },
  ): boolean => {
    if (element.getAttribute('hidden') === 'until-found' || shownWithoutScripts.has(element)) return true;
    if (element.hasAttribute('popover')) return false;
    if (hiding(has) === 'faded' && (isMoving(has) || appears(element))) return true;
    if (prose === 0 || isAround(element)) return false;
    const names = [
      ...namesOf(element).slice(0, -1),
      ...selectors.flatMap((selector) => selector.match(/[.#][\w-]+/g) ?? []),
    ];
    return (
      names.some((name) => named.has(name.slice(1))) ||
      (element.id !== '' && controlled.has(element.id)) ||
      (selectors.length > 0 && sheets.isShownLater(element)) ||
      isBesideControl(element, weights)
    );
  };

  const hidden: Hidden[] = [];
  for (const [element, selectors] of candidates) {
    // A page that hides all of itself is about to show it.
    if (element.contains(document.body)) continue;
    const has = sheets.declarationsOf(element);
    const byAttribute =
      (element.hasAttribute('hidden') || element.hasAttribute('popover')) && !has.has('display');
    if (!byAttribute && hiding(has) === null) continue;
    const prose = weights.get(element) ?? weighInside(element);
    if (isShown(element, { has, prose, selectors })) continue;
    const means = selectors.join() || element.getAttribute('style') || 'hidden';
    hidden.push({ element, means, prose: isAround(element) ? 0 : prose });
  }
  return takeOut(hidden, weights.get(document.body) ?? 0);
}

/** What is hidden by the same means and is most of the page's text is what people come to read. */
function takeOut(hidden: readonly Hidden[], whole: number): number {
  const groups = Map.groupBy(hidden, ({ means }) => means);
  const weightOf = (group: readonly Hidden[]): number => {
    const elements = new Set<DomNode>(group.map(({ element }) => element));
    return group.reduce((sum, { element, prose }) => sum + (isInside(element, elements) ? 0 : prose), 0);
  };
  let takenOut = 0;
  let rest = whole;
  for (const group of [...groups.values()].toSorted((a, b) => weightOf(b) - weightOf(a))) {
    const weight = weightOf(group);
    if (weight > 0 && weight >= rest - weight) continue;
    for (const { element } of group) element.remove();
    takenOut += weight;
    rest -= weight;
  }
  return takenOut;
}

function isInside(element: DomElement, others: ReadonlySet<DomNode>): boolean {
  for (let node = element.parentNode; node; node = node.parentNode) if (others.has(node)) return true;
  return false;
}

/** For parts of a line, which have no line of their own. */
const weighInside = (element: DomElement): number =>
  linesOf(element).reduce((sum, line) => sum + weighProse(line), 0);

function appears(element: DomElement): boolean {
  return (
    appearing.test((element.getAttribute('class') ?? '').slice(0, 300)) ||
    appearingAttributes.some((name) => element.hasAttribute(name))
  );
}

const controls =
  'button, summary, [role="button"], [onclick], a[href^="#"], a[href^="javascript:"], a:not([href]):not([name]):not([id]), label[for], input[type="checkbox"]';

/** Ids that a button, a link or the like opens. */
function controlledIds(document: DomDocument): Set<string> {
  const ids = new Set<string>();
  for (const control of document.querySelectorAll(
    '[aria-controls], [data-target], [data-bs-target], [data-toggle-target], a[href^="#"]',
  )) {
    for (const name of ['aria-controls', 'data-target', 'data-bs-target', 'data-toggle-target', 'href']) {
      for (const id of (control.getAttribute(name) ?? '').split(/\s+/)) ids.add(id.replace(/^#/, ''));
    }
  }
  ids.delete('');
  return ids;
}

/** Text before it and a button around it: a "read more". */
function isBesideControl(element: DomElement, weights: ReadonlyMap<DomNode, number>): boolean {
  const siblings = [...(element.parentNode?.children ?? [])].slice(0, 2000);
  const place = siblings.indexOf(element);
  const hasTextBefore = siblings.slice(0, place).some((sibling) => (weights.get(sibling) ?? 0) > 0);
  if (!hasTextBefore) return false;
  return [...siblings.slice(Math.max(0, place - 1), place), ...siblings.slice(place + 1, place + 3)].some(
    (sibling) =>
      (weights.get(sibling) ?? 0) === 0 &&
      (sibling.matches(controls) || sibling.querySelector(controls) !== null),
  );
}
