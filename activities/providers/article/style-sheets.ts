import { type Declarations, hiding, lookedAt, parseDeclarations } from './declarations.js';
import type { DomDocument, DomElement } from './dom.js';

interface Rule {
  selector: string;
  declarations: Declarations;
  important: boolean;
  /** Of the selector: ids, then classes and the like, then names; and then the place in the page. */
  weight: readonly [number, number, number, number];
}

/** What linkedom makes of a style sheet, as far as it is used. */
interface CssRule {
  selectorText?: string;
  style?: {
    length: number;
    [index: number]: string;
    getPropertyValue(name: string): string;
    getPropertyPriority(name: string): string;
  };
  media?: { mediaText: string };
  cssRules?: CssRule[];
}

const mostRules = 3000;
const mostHidingRules = 300;
/** Comparisons of an element with a selector. */
const mostLooks = 100_000;

/** A page as a screen of some 1,280 pixels shows it. */
function isForScreen(media: string): boolean {
  const query = media.toLowerCase();
  if (/\bprint\b|prefers-reduced-motion|max-(device-)?width/.test(query)) return false;
  const widths = [...query.matchAll(/min-(?:device-)?width\s*:\s*(\d{1,6})/g)].map((match) =>
    Number(match[1]),
  );
  return widths.every((width) => width <= 1280);
}

function weightOf(selector: string, place: number): Rule['weight'] {
  const bare = selector.replaceAll(/\[[^\]]{0,200}\]/g, '.');
  const count = (pattern: RegExp): number => bare.match(pattern)?.length ?? 0;
  return [count(/#/g), count(/\.|(?<!:):(?!:)/g), count(/(^|[\s>+~])[a-z]/gi), place];
}

function* flatten(rules: readonly CssRule[]): Generator<CssRule> {
  for (const rule of rules) {
    if (rule.selectorText !== undefined) yield rule;
    else if (rule.cssRules && (!rule.media || isForScreen(rule.media.mediaText)))
      yield* flatten(rule.cssRules);
  }
}

function rulesOf({ selectorText = '', style }: CssRule, place: number): Rule[] {
  const plain = new Map<string, string>();
  const important = new Map<string, string>();
  for (let index = 0; index < (style?.length ?? 0); index += 1) {
    const name = style?.[index] ?? '';
    if (!lookedAt.has(name)) continue;
    const into = style?.getPropertyPriority(name) ? important : plain;
    into.set(name, (style?.getPropertyValue(name) ?? '').toLowerCase().trim());
  }
  const selectors = selectorText
    .split(',')
    .map((selector) => selector.trim())
    .filter(Boolean);
  return selectors.flatMap((selector) =>
    [plain, important].flatMap((declarations) =>
      declarations.size === 0
        ? []
        : [
            {
              selector,
              declarations,
              important: declarations === important,
              weight: weightOf(selector, place),
            },
          ],
    ),
  );
}

const byWeight = (a: Rule, b: Rule): number =>
  Number(a.important) - Number(b.important) ||
  a.weight.map((part, index) => part - (b.weight[index] ?? 0)).find((difference) => difference !== 0) ||
  0;

/** Selectors that the library does not know, and those of parts of elements, match nothing. */
function matching<T>(look: () => T): T | null {
  try {
    return look();
  } catch {
    // The library refuses selectors by errors of several classes.
    return null;
  }
}

interface StyleElement extends DomElement {
  readonly sheet?: { cssRules?: readonly CssRule[] };
}

/** The sheets in a document, and the rules of them that bear on what is seen. */
function rulesIn(document: DomDocument): Rule[] {
  const rules: Rule[] = [];
  for (const style of document.querySelectorAll('style') as readonly StyleElement[]) {
    if (!isForScreen(style.getAttribute('media') ?? '')) continue;
    // A sheet that cannot be parsed has no effect here.
    for (const rule of flatten(matching(() => style.sheet?.cssRules) ?? [])) {
      if (rules.length < mostRules) rules.push(...rulesOf(rule, rules.length));
    }
  }
  return rules.toSorted(byWeight);
}

const showing = ['display', 'opacity', 'visibility', 'max-height', 'height', 'transform', 'clip-path'];
const lookedAtToShow = (declarations: Declarations): boolean =>
  showing.some((name) => declarations.has(name));

/** As selectors name it. */
export const namesOf = (element: DomElement): string[] => [
  ...(element.getAttribute('class') ?? '')
    .split(/\s+/)
    .filter(Boolean)
    .map((name) => `.${name}`),
  ...(element.id ? [`#${element.id}`] : []),
  element.nodeName.toLowerCase(),
];

/** ".reveal.visible" and ".open > .more" speak of a state that something gets later. */
const isState = (selector: string): boolean => /[\s>+~]|[.:#[].*[.:#[]|\w[.:#[]/.test(selector.slice(0, 300));

const lastCompound = (selector: string): string => selector.split(/[\s>+~]/).at(-1) ?? '';

/** Classes and ids that a rule shows in some state. */
function shownLater(rules: readonly Rule[]): Set<string> {
  const names = new Set<string>();
  for (const { selector, declarations } of rules) {
    const shows = lookedAtToShow(declarations) && hiding(declarations) === null;
    if (!shows || !isState(selector)) continue;
    const found = lastCompound(selector).match(/[.#][\w-]+|^(body|html|main|article)\b/g) ?? [];
    for (const name of found) names.add(name);
  }
  return names;
}

/** What the page's own style sheets say, as far as it decides whether something is seen. External ones are not fetched. */
export function readSheets(document: DomDocument) {
  const rules = rulesIn(document);
  const hides = rules.filter(({ declarations }) => hiding(declarations) !== null);
  const later = shownLater(rules);
  let looks = 0;

  /** All that holds for an element, its own attribute included. */
  function declarationsOf(element: DomElement): Map<string, string> {
    const has = new Map<string, string>();
    const add = (declarations: Declarations): void => {
      for (const [name, value] of declarations) has.set(name, value);
    };
    const apply = (important: boolean): void => {
      for (const rule of rules) {
        if (rule.important !== important || looks >= mostLooks) continue;
        looks += 1;
        if (matching(() => element.matches(rule.selector))) add(rule.declarations);
      }
    };
    apply(false);
    add(parseDeclarations(element.getAttribute('style') ?? ''));
    apply(true);
    return has;
  }

  return {
    /** Elements that may be hidden, by their own attribute or by a sheet. */
    candidates(): Map<DomElement, string[]> {
      const found = new Map<DomElement, string[]>();
      for (const element of document.querySelectorAll('[style]')) {
        if (hiding(parseDeclarations(element.getAttribute('style') ?? ''))) found.set(element, []);
      }
      for (const { selector } of hides.slice(0, mostHidingRules)) {
        for (const element of matching(() => document.querySelectorAll(selector)) ?? []) {
          found.set(element, [...(found.get(element) ?? []), selector]);
        }
      }
      return found;
    },
    declarationsOf,
    /** Whether a rule shows it, once it or something around it is in another state. */
    isShownLater: (element: DomElement): boolean => namesOf(element).some((name) => later.has(name)),
    /** What these sheets show although others hide it. */
    shown(other: DomDocument): Set<DomElement> {
      const shows = rules.filter(
        ({ declarations }) => hiding(declarations) === null && lookedAtToShow(declarations),
      );
      return new Set(
        shows
          .slice(0, mostHidingRules)
          .flatMap(({ selector }) => [...(matching(() => other.querySelectorAll(selector)) ?? [])]),
      );
    },
  };
}
