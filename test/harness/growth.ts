/** Reads a text, or does anything else with it. */
export type Reader = (text: string) => unknown;

/** How a text grows: so many times the same piece, between a beginning and an end. */
export interface Growing {
  before?: string;
  piece: string;
  after?: string;
}

/** Characters. At the longer one, what takes the square of it takes a tenth of a second and more. */
const [short, long] = [8_000, 32_000];
const timesLonger = long / short;
/** What takes less is not worth measuring. */
const worthMs = 15;
/** Four times as long may take six times as long, with the collector of garbage; the square takes sixteen times. */
const mostGrowth = 10;
const tries = 12;

/** Milliseconds that one of so many readings takes of the processor, whoever else wants it meanwhile. */
function measure(read: Reader, { text, times = 1 }: { text: string; times?: number }): number {
  const before = process.threadCpuUsage();
  for (let count = 0; count < times; count += 1) read(text);
  const { user, system } = process.threadCpuUsage(before);
  return (user + system) / 1_000 / times;
}

const grown = ({ before = '', piece, after = '' }: Growing, size: number): string =>
  before + piece.repeat(Math.ceil(size / piece.length)) + after;

/**
 * How many times as long a text takes that is four times as long; 0 when the longer one takes next to nothing. The
 * best of several tries of each, since other work on the machine can only make it more.
 */
export function growth(read: Reader, growing: Growing): number {
  const longer = { text: grown(growing, long) };
  // As long at a stretch as the longer one: what is over sooner is interrupted by other work less often.
  const shorter = { text: grown(growing, short), times: timesLonger };
  let [least, most] = [Number.POSITIVE_INFINITY, measure(read, longer)];
  for (let count = 0; count < tries && most >= worthMs; count += 1) {
    least = Math.min(least, measure(read, shorter));
    if (most / least <= mostGrowth) break;
    most = Math.min(most, measure(read, longer));
  }
  return most < worthMs ? 0 : most / least;
}

/** What each pattern has been found to stumble over, and what it may stumble over. */
export const growingTexts: readonly Growing[] = [
  ...[
    '@',
    ' ',
    '\t',
    '\n',
    ' \n',
    '\n ',
    '漢',
    '\u0301',
    '\u0301\u0323',
    '\u200d',
    '\u200b',
    'ก',
    '😀',
    '\ud800',
  ],
  ...[
    'a',
    'A',
    'a ',
    'A. ',
    '.',
    '. ',
    '@.',
    'a@',
    'a@a',
    'a.a@',
    '#',
    '#a',
    '-',
    '_',
    "'",
    "a'",
    '"',
    '`',
    '```',
  ],
  ...[
    '<',
    '</',
    '<a',
    '<p>',
    '<div>',
    '<!--',
    '<![CDATA[',
    '<html ',
    '<meta ',
    '<script>',
    '<style>',
    '<sup>',
    '&',
    '&amp',
  ],
  ...[
    '[',
    '[1]',
    '{',
    '{"',
    '}',
    '(',
    ')',
    ',',
    ';',
    ':',
    '\\',
    '\\u',
    '/',
    '//',
    'http://',
    'www.',
    'charset=',
  ],
  ...[
    'sk-',
    'key-',
    'Bearer ',
    'bearer',
    '=',
    '0',
    '1 ',
    '٣',
    '"word"',
    '"word":',
    '```json',
    '<think>',
    'data: ',
  ],
].map((piece) => ({ piece }));

/** The same with something that makes a pattern begin, and with something that makes it fail at the end. */
export const framedTexts: readonly Growing[] = [
  { before: 'a@', piece: 'a', after: ' ' },
  { before: '```', piece: ' ', after: 'x' },
  { before: '"word"', piece: ' ', after: 'x' },
  { before: 'Bearer', piece: ' ' },
  { before: '<meta ', piece: ' charset', after: '>' },
  { before: '<p style="', piece: ' ', after: '">a</p>' },
  { before: '<p style="', piece: 'a:b;', after: '">a</p>' },
  { before: '<p class="', piece: ' a', after: '">a</p>' },
  { before: '<style>', piece: 'a', after: '</style>' },
  { before: '<style>', piece: '.a{display:none}', after: '</style>' },
  { before: '<style>', piece: '.a ', after: '{display:none}</style>' },
  { before: '<style>@media ', piece: 'min-width:', after: '{a{b:c}}</style>' },
  { before: '<script>', piece: '"', after: '</script>' },
  { before: '<script>', piece: "a('b',", after: '</script>' },
  { before: '<sup>', piece: ' ', after: '</sup>' },
  { before: '<sup>[1]', piece: ' ', after: 'x</sup>' },
  { before: '<script type="application/ld+json">', piece: '[', after: '</script>' },
  { before: '<script type="application/ld+json">{"articleBody":"', piece: ' ', after: '"}</script>' },
  { piece: 'self.__next_f.push([1,"a"])' },
  { piece: '1:T\n' },
  { piece: '1:T1,a' },
  { piece: '1:["$","p",null,{"children":"a"}]\n' },
  { piece: '<p>a</p>' },
  { piece: '<p hidden>a</p>' },
  { piece: '<p style="opacity:0">a</p>' },
  { piece: '<a href="#">a</a>' },
  { piece: '<a name="a">a' },
  { piece: '<b>a' },
  { piece: '<template id="a"></template>' },
  { piece: 'Una frase con palabras que se leen bien. ' },
];

export const isWorseThanLinear = (ratio: number): boolean => ratio > mostGrowth;
