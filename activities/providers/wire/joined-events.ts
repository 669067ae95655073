/** Characters. Whoever reads on looks at the end of each piece whether it has enough: of a runaway model, of a loop. */
const longestPiece = 500;

interface Piece {
  /** Pieces of one text have the same. */
  of: string;
  text: string;
  write(text: string): string;
}

/**
 * The events that are handed on to the SDK. Pieces of one text that came together are one event: the SDK takes as long
 * over a word as over a hundred of them.
 */
export class JoinedEvents {
  #events: string[] = [];
  #piece: Piece | null = null;

  add(event: string): void {
    this.#close();
    this.#events.push(event);
  }

  /** A piece of a text, with what makes an event of the whole. */
  join(piece: Piece): void {
    if (this.#piece?.of === piece.of && this.#piece.text.length + piece.text.length <= longestPiece) {
      this.#piece.text += piece.text;
      return;
    }
    this.#close();
    this.#piece = { ...piece };
  }

  /** What was not taken yet. */
  take(): string {
    this.#close();
    return this.#events.splice(0).join('');
  }

  #close(): void {
    if (this.#piece) this.#events.push(this.#piece.write(this.#piece.text));
    this.#piece = null;
  }
}
