/** Properties and their values in lower case, as one element has them. */
export type Declarations = ReadonlyMap<string, string>;

/** What a `style` attribute says. */
export function parseDeclarations(style: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const declaration of style.split(';')) {
    const colon = declaration.indexOf(':');
    if (colon < 0) continue;
    const value = declaration.slice(colon + 1).toLowerCase();
    const important = value.indexOf('!');
    found.set(
      declaration.slice(0, colon).trim().toLowerCase(),
      (important < 0 ? value : value.slice(0, important)).trim(),
    );
  }
  return found;
}

const isZero = (value: string | undefined): boolean => value !== undefined && /^0(\.0*)?[a-z%]*$/.test(value);

/** Farther than any layout moves what it shows. */
const isFarAway = (value: string | undefined): boolean =>
  value !== undefined && /^-\d{4,}(\.\d+)?(px|em|rem|%)?$/.test(value);

const isClipped = (value: string | undefined): boolean =>
  value !== undefined &&
  /^(rect\(\s*(0|1px)|inset\(\s*(50|100)%|circle\(\s*0|polygon\(\s*0 0,\s*0 0)/.test(value);

const cuts = (value: string | undefined): boolean => value !== undefined && /^(hidden|clip)/.test(value);

type Test = (has: Declarations) => boolean;

/** Ways to hide that an animation can undo, since the element has its place in the page. */
const faded: readonly Test[] = [
  (has) => isZero(has.get('opacity')),
  (has) => /^(hidden|collapse)/.test(has.get('visibility') ?? ''),
  (has) => /^scale([xy]|3d)?\(\s*0(\.0*)?\s*[,)]/.test(has.get('transform') ?? ''),
  (has) => isClipped(has.get('clip-path')),
  (has) => cuts(has.get('overflow')) && (isZero(has.get('max-height')) || isZero(has.get('height'))),
];

const gone: readonly Test[] = [
  (has) => has.get('display') === 'none',
  (has) => isZero(has.get('font-size')),
  (has) => isClipped(has.get('clip')),
  (has) => has.get('content-visibility') === 'hidden',
  (has) =>
    /^(absolute|fixed)/.test(has.get('position') ?? '') &&
    ['left', 'top', 'right'].some((side) => isFarAway(has.get(side))),
  (has) => isFarAway(has.get('text-indent')),
  (has) => /^translate([xy]|3d)?\(\s*-\d{4,}/.test(has.get('transform') ?? ''),
];

/** "faded": hidden in a way that is animated. "gone": in a way that is not. */
export function hiding(has: Declarations): 'faded' | 'gone' | null {
  if (gone.some((test) => test(has))) return 'gone';
  return faded.some((test) => test(has)) ? 'faded' : null;
}

const motions = [
  'transform',
  'translate',
  'transition',
  'transition-property',
  'transition-duration',
  'animation',
  'animation-name',
  'will-change',
  'filter',
  'scale',
];

/** Whether what is faded is about to be seen: it moves, or is told to change. */
export const isMoving = (has: Declarations): boolean =>
  motions.some((property) => {
    const value = has.get(property) ?? has.get(`-webkit-${property}`);
    return value !== undefined && value !== 'none' && !/^scale\w*\(\s*0/.test(value);
  });

/** Properties that `hiding` and `isMoving` look at. */
export const lookedAt: ReadonlySet<string> = new Set([
  ...['display', 'visibility', 'opacity', 'font-size', 'clip', 'clip-path', 'content-visibility', 'position'],
  ...['left', 'top', 'right', 'text-indent', 'overflow', 'height', 'max-height'],
  ...motions.flatMap((property) => [property, `-webkit-${property}`]),
]);
