/** What normalising did, for people. */
export class Report {
  /** Cells. */
  changed = 0;
  /** Rows. */
  dropped = 0;
  formulasKept = 0;

  get notes(): string[] {
    const notes = [`${this.changed} cells changed.`];
    if (this.dropped > 0) notes.push(`${this.dropped} rows were removed.`);
    if (this.formulasKept > 0) {
      notes.push(
        `${this.formulasKept} formulas stay as they are: others depend on them, or they were never calculated.`,
      );
    }
    return notes;
  }
}
