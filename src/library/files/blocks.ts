import MarkdownIt, { type Token } from 'markdown-it';

/** A piece of text in one look. */
export interface Run {
  text: string;
  bold: boolean;
  italic: boolean;
  code: boolean;
  /** Where it leads; null for most. */
  link: string | null;
}

/** What a document consists of, for whoever lays it out. */
export interface Block {
  kind: 'heading' | 'paragraph' | 'code' | 'rule';
  /** Of a heading, 1 to 6; otherwise 0. */
  level: number;
  /** How far it is indented, in lists and quotes. */
  depth: number;
  /** What stands before the first line of a list's item: a bullet or a number. */
  marker: string | null;
  runs: Run[];
}

/** Without tags of HTML, which stay text. A single line feed is one: people who write addresses mean it. */
const markdown = new MarkdownIt('commonmark', { html: false, breaks: true });

const safeLink = /^(https?:|mailto:|tel:)/i;

/** Markdown as a plain list of blocks. */
export function blocksOf(text: string): Block[] {
  const reader = new Reader();
  for (const token of markdown.parse(text, {})) reader.take(token);
  return reader.blocks;
}

class Reader {
  readonly blocks: Block[] = [];
  /** The lists around, the innermost last: the number of the next item, or null for bullets. */
  private readonly lists: (number | null)[] = [];
  private quotes = 0;
  private level = 0;
  private marker: string | null = null;

  take(token: Token): void {
    this.open(token);
    this.close(token);
    if (token.type === 'inline') {
      this.add(this.level > 0 ? 'heading' : 'paragraph', runsOf(token.children ?? []));
    } else if (token.type === 'fence' || token.type === 'code_block') {
      this.add('code', [{ ...plain, text: token.content.replace(/\n$/, ''), code: true }]);
    } else if (token.type === 'hr') this.add('rule', []);
  }

  private open({ type, tag }: Token): void {
    if (type === 'heading_open') this.level = Number(tag.slice(1));
    if (type === 'blockquote_open') this.quotes += 1;
    if (type === 'bullet_list_open') this.lists.push(null);
    if (type === 'ordered_list_open') this.lists.push(1);
    if (type === 'list_item_open') this.marker = this.nextMarker();
  }

  private close({ type }: Token): void {
    if (type === 'heading_close') this.level = 0;
    if (type === 'blockquote_close') this.quotes -= 1;
    if (type === 'bullet_list_close' || type === 'ordered_list_close') this.lists.pop();
  }

  private nextMarker(): string {
    const next = this.lists.at(-1) ?? null;
    if (next === null) return '•';
    this.lists[this.lists.length - 1] = next + 1;
    return `${next}.`;
  }

  private add(kind: Block['kind'], runs: Run[]): void {
    const depth = this.lists.length + this.quotes;
    this.blocks.push({ kind, level: this.level, depth, marker: this.marker, runs });
    this.marker = null;
  }
}

const plain = { bold: false, italic: false, code: false, link: null };

/** How the text looks from such a token on. */
const looks: Readonly<Record<string, Partial<Omit<Run, 'text'>>>> = {
  strong_open: { bold: true },
  strong_close: { bold: false },
  em_open: { italic: true },
  em_close: { italic: false },
  link_close: { link: null },
};

function runsOf(tokens: readonly Token[]): Run[] {
  const runs: Run[] = [];
  const look: Omit<Run, 'text'> = { ...plain };
  for (const token of tokens) {
    Object.assign(look, looks[token.type]);
    if (token.type === 'link_open') look.link = linkOf(token);
    const text = textOf(token);
    if (text !== '') runs.push({ ...look, text, code: token.type === 'code_inline' });
  }
  return runs;
}

/** An image is its description: nothing is fetched for a document. */
const textOf = ({ type, content }: Token): string => {
  if (type === 'softbreak' || type === 'hardbreak') return '\n';
  return type === 'text' || type === 'code_inline' || type === 'image' ? content : '';
};

function linkOf(token: Token): string | null {
  const address = String(token.attrGet('href') ?? '');
  return safeLink.test(address) ? address : null;
}
