/** Where reasoning begins that some models write into their answers, and where it ends. */
const thought = { begins: /^\s*<think/, ends: '</think' };

type Bracket = '{' | '[';

/**
 * Follows the first object or list of a text while it is being written. It tells whether that is closed, and how many
 * items of a list right inside an object are complete. Each character is looked at once.
 */
export class JsonItems {
  /** Complete objects in the list. */
  items = 0;
  /** Whether an item has begun that is not complete. */
  inItem = false;
  #text = '';
  /** The next character to look at. */
  #at = 0;
  #from = 0;
  /** Behind the last complete item. */
  #itemsEnd = 0;
  #open: Bracket[] = [];
  #inString = false;
  #escaped = false;
  #closed = false;

  /** Whether it is closed. What follows it is not looked at. */
  get closed(): boolean {
    return this.#closed;
  }

  /** Whether another object or list may stand behind the closed one. */
  get goesOn(): boolean {
    return ['{', '['].some((bracket) => this.#text.includes(bracket, this.#at));
  }

  add(delta: string): void {
    const searchFrom = Math.max(0, this.#text.length - thought.ends.length);
    this.#text += delta;
    if (this.#at === 0 && thought.begins.test(this.#text)) {
      const end = this.#text.indexOf(thought.ends, searchFrom);
      if (end < 0) return;
      this.#at = end;
    }
    this.#look();
  }

  /** All of it, as far as it is written. */
  whole(): string {
    return this.#text.slice(this.#from, this.#at);
  }

  /** The object with its complete items and nothing else. */
  completeItems(): string {
    return `${this.#text.slice(this.#from, this.#itemsEnd)}]}`;
  }

  /** Takes what was found for no answer, and goes on behind it. */
  skip(): void {
    this.#open = [];
    this.#closed = false;
    this.items = 0;
    this.#look();
  }

  #look(): void {
    for (; this.#at < this.#text.length && !this.#closed; this.#at += 1) {
      const character = this.#text.charAt(this.#at);
      if (this.#inString) this.#lookInString(character);
      else if (this.#open.length === 0) this.#begin(character);
      else if (character === '"') this.#inString = true;
      else if (character === '{' || character === '[') this.#enter(character);
      else if (character === '}' || character === ']') this.#leave(character);
    }
  }

  #lookInString(character: string): void {
    if (this.#escaped) this.#escaped = false;
    else if (character === '\\') this.#escaped = true;
    else if (character === '"') this.#inString = false;
  }

  #begin(character: string): void {
    if (character !== '{' && character !== '[') return;
    this.#from = this.#at;
    this.#open.push(character);
  }

  #enter(bracket: Bracket): void {
    this.inItem ||= bracket === '{' && this.#inList();
    this.#open.push(bracket);
  }

  #leave(bracket: '}' | ']'): void {
    this.#open.pop();
    this.#closed = this.#open.length === 0;
    if (bracket !== '}' || !this.#inList()) return;
    this.inItem = false;
    this.items += 1;
    this.#itemsEnd = this.#at + 1;
  }

  #inList(): boolean {
    return this.#open.length === 2 && this.#open[0] === '{' && this.#open[1] === '[';
  }
}
