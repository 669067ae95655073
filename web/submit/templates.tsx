interface Given {
  example: unknown;
  /** The newest first. */
  last: readonly unknown[];
  onTake(input: unknown): void;
}

/** Characters of an input that tell it from others. */
const shown = 60;

/** What a form can be filled with. */
export function Templates({ example, last, onTake }: Given) {
  return (
    <div className="row">
      <button type="button" className="button" onClick={() => onTake(example)}>
        Fill in the example
      </button>
      {last.length > 0 && (
        <label className="row">
          Last inputs
          <select value="" onChange={({ target }) => onTake(last[Number(target.value)])}>
            <option value="">–</option>
            {last.map((input, index) => (
              <option key={JSON.stringify(input)} value={index}>
                {JSON.stringify(input).slice(0, shown)}
              </option>
            ))}
          </select>
        </label>
      )}
    </div>
  );
}
