/** What models put around what they only think, where they write it as text. */
const marks: readonly (readonly [open: string, close: string])[] = [
  ['<think>', '</think>'],
  ['<thinking>', '</thinking>'],
  ['<thought>', '</thought>'],
  ['<reasoning>', '</reasoning>'],
  ['<seed:think>', '</seed:think>'],
  ['[think]', '[/think]'],
  ['◁think▷', '◁/think▷'],
  ['<|begin_of_thought|>', '<|end_of_thought|>'],
  ['<|start_thinking|>', '<|end_thinking|>'],
  ['<|channel|>analysis<|message|>', '<|end|>'],
  ['<unused94>', '<unused95>'],
];

const opens = marks.map(([open]) => open);
/** Models that are told to think by the template say only the end of it. */
const lone = marks.filter(([, close]) => close !== '<|end|>');
const closes = lone.map(([, close]) => close);
/** What chat templates put before what is said, where a server passes it on. */
const strays = [
  ...['<|start|>assistant<|channel|>final<|message|>', '<|channel|>final<|message|>', '<|start|>assistant'],
  ...['<|im_start|>assistant', '<|assistant|>', '<|end|>'],
];
const longestMark = Math.max(...[...marks.flat(), ...strays].map((mark) => mark.length));

/** What the next piece of an answer adds to what is said aloud, and to what is only thought. */
export interface Spoken {
  text: string;
  /** Without the marks around it. What may yet turn out to be text is told when it is known. */
  thought: string;
  /** All text that was given before has turned out to be reasoning. */
  restart: boolean;
}

/**
 * Tells what a model says from what it only thinks. Reasoning is what stands between marks that begin an answer or a
 * line, outside fences, and what stands before a lone end mark.
 */
export class SpokenText {
  /** What could not be judged yet. */
  #held = '';
  /** White space before that, at the start of the answer or a line. Looked at once, however much of it a model says. */
  readonly #space: string[] = [];
  /** How much of what is held has been searched for an end mark. */
  #searched = 0;
  /** The end of the reasoning that goes on; null while the model speaks. */
  #close: string | null = null;
  /** Nothing but marks and white space has come since the answer or a line began. */
  #atStart = true;
  #fenced = false;
  /** The rest of the line in which a block ended belongs to the block. */
  #dropsSpace = false;
  /** Some of it was given. */
  #spoke = false;
  /** A mark has come. From here on a lone end mark is text. */
  #marked = false;
  /** What has been thought and was not given yet. */
  #thought = '';

  /** @param unopened the model is known to end its reasoning without having begun it: nothing is given before that end */
  constructor(private unopened = false) {}

  /** Whether the reasoning had an end and no beginning. */
  loneEnd = false;

  /** Whether anything was thought, or is still. */
  get thought(): boolean {
    return this.#marked;
  }

  add(piece: string): Spoken {
    this.#held += piece;
    return this.#judge(false);
  }

  /** What was held back to the end. Reasoning that never ended stays reasoning where nothing was said before it. */
  end(): Spoken {
    const { text, thought, restart } = this.#judge(true);
    const rest = this.#held;
    this.#held = '';
    const isText = this.#close === null || this.#spoke;
    return isText ? { text: text + rest, thought, restart } : { text, thought: thought + rest, restart };
  }

  #judge(last: boolean): Spoken {
    const told = this.#tell(last);
    const thought = this.#thought;
    this.#thought = '';
    return { ...told, thought };
  }

  #tell(last: boolean): Omit<Spoken, 'thought'> {
    let text = '';
    let restart = false;
    for (;;) {
      if (this.#close !== null) {
        if (!this.#skipReasoning(this.#close)) return { text, restart };
        continue;
      }
      const end = this.#marked ? null : this.#loneEnd(last);
      if (end !== null) {
        restart ||= this.#spoke;
        this.#thought += text + this.#space.join('') + this.#held.slice(0, end.from);
        this.#forget(end.to);
        this.loneEnd = true;
        text = '';
        continue;
      }
      if (this.unopened && !last && !this.#marked) return { text, restart };
      const said = this.#speak(last);
      if (said === null) return { text, restart };
      text += said;
    }
  }

  #loneEnd(last: boolean): Mark | null {
    if (this.#fenced) return null;
    const end = loneEndIn(this.#held, { last, from: this.#searched });
    this.#searched = Math.max(0, this.#held.length - longestMark - 2);
    return end;
  }

  #keep(held: string): void {
    this.#held = held;
    this.#searched = 0;
  }

  #forget(upTo: number): void {
    this.#space.length = 0;
    this.#keep(this.#held.slice(upTo).trimStart());
    this.#marked = true;
    this.#close = null;
    this.#spoke = false;
    this.#atStart = true;
  }

  /** Whether its end has come. */
  #skipReasoning(close: string): boolean {
    const from = this.#searched;
    const at = this.#held.slice(from).toLowerCase().indexOf(close);
    if (at < 0) {
      const known = Math.max(0, this.#held.length - longestMark);
      // The text is kept only where it may yet turn out to have been said.
      if (this.#spoke) this.#searched = known;
      else {
        this.#thought += this.#held.slice(0, known);
        this.#keep(this.#held.slice(known));
      }
      return false;
    }
    this.#thought += this.#held.slice(0, from + at);
    this.#keep(this.#held.slice(from + at + close.length));
    this.#dropsSpace = true;
    this.#close = null;
    this.#atStart = true;
    return true;
  }

  /** The next line, or as much of one as can be given; null when nothing can. */
  #speak(last: boolean): string | null {
    if (this.#dropsSpace) {
      const space = /^[^\S\n]*\n?/.exec(this.#held)?.[0] ?? '';
      const isOver = space.length < this.#held.length || space.endsWith('\n') || last;
      this.#keep(this.#held.slice(space.length));
      if (!isOver) return null;
      this.#dropsSpace = false;
    }
    // Empty lines are given with the line that follows: each by itself would be looked through to the next mark.
    let blank = 0;
    if (this.#atStart) {
      const begun = this.#held.trimStart();
      if (begun === '' && !last) {
        this.#space.push(this.#held);
        this.#keep('');
        return null;
      }
      if (this.#space.length > 0) this.#keep(this.#space.splice(0).join('') + this.#held);
      const small = begun.slice(0, longestMark).toLowerCase();
      const open = this.#fenced ? undefined : marks.find(([mark]) => small.startsWith(mark));
      if (open) {
        const before = this.#spoke ? this.#held.slice(0, this.#held.length - begun.length) : '';
        this.#keep(begun.slice(open[0].length));
        this.#close = open[1];
        this.#marked = true;
        return before;
      }
      const stray = this.#spoke ? undefined : strays.find((mark) => small.startsWith(mark));
      if (stray) {
        this.#keep(begun.slice(stray.length));
        return '';
      }
      const isBegun = (mark: string) => mark.length > small.length && mark.startsWith(small);
      if (!last && [...opens, ...strays, '```'].some(isBegun)) return null;
      if (small.startsWith('```')) this.#fenced = !this.#fenced;
      this.#atStart = false;
      if (!this.#spoke && this.#marked) this.#keep(begun);
      blank = this.#held.length - begun.length;
    }
    if (this.#held === '') return null;
    const line = this.#held.indexOf('\n', blank) + 1;
    const end = line > 0 ? line : last || this.#marked ? this.#held.length : possibleEnd(this.#held);
    if (end === 0) return null;
    const said = this.#held.slice(0, end);
    this.#keep(this.#held.slice(end));
    this.#atStart = line > 0;
    this.#spoke ||= said.trim() !== '';
    return said;
  }
}

/** Where a mark stands. */
interface Mark {
  from: number;
  to: number;
}

/** The end mark that nothing has opened; null when there is none yet. Inline, in a fence or quoted it is text. */
function loneEndIn(whole: string, { last, from }: { last: boolean; from: number }): Mark | null {
  const held = whole.slice(from);
  const small = held.toLowerCase();
  for (const [open, close] of lone) {
    const at = small.indexOf(close);
    if (
      at < 0 ||
      whole
        .slice(0, from + at)
        .toLowerCase()
        .includes(open)
    )
      continue;
    if (small.slice(0, at).includes('```') || small[at - 1] === '`') continue;
    const behind = held.slice(at + close.length);
    if (/^[^\S\n]*(\n|[{[])/.test(behind) || (last && behind.trim() === ''))
      return { from: from + at, to: from + at + close.length };
  }
  return null;
}

/** Where what may be the beginning of an end mark begins. */
function possibleEnd(held: string): number {
  const small = held.toLowerCase();
  for (let at = Math.max(0, held.length - longestMark - 2); at < held.length; at += 1) {
    const tail = small.slice(at).trimEnd();
    if (tail !== '' && closes.some((close) => close.startsWith(tail))) return at;
  }
  return held.length;
}
