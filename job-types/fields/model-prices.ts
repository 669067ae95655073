/** US dollars for a million tokens. */
export interface ModelPrice {
  input: number;
  output: number;
  /** Of input that comes from the provider's cache; as other input where it is not said. */
  cached: number;
}

const form = /^([A-Za-z0-9_-]+\/.+)=(\d+(?:\.\d+)?)\/(\d+(?:\.\d+)?)(?:\/(\d+(?:\.\d+)?))?$/;

/**
 * Prices by the names of models, from entries such as "openai/my-model=0.5/1.5" or, with a price for cached input,
 * "openai/my-model=0.5/1.5/0.1".
 * @throws for an entry of another form, and for a model that is named twice
 */
export function modelPrices(entries: readonly string[]): ReadonlyMap<string, ModelPrice> {
  const prices = new Map<string, ModelPrice>();
  for (const entry of entries) {
    const [, name, input, output, cached = input] = form.exec(entry) ?? [];
    if (name === undefined) {
      throw new Error(
        `"${entry}" is no price; write provider/model=input/output or provider/model=input/output/cached, ` +
          'in US dollars for a million tokens, such as openai/my-model=0.5/1.5',
      );
    }
    if (prices.has(name)) throw new Error(`${name} has two prices`);
    prices.set(name, { input: Number(input), output: Number(output), cached: Number(cached) });
  }
  return prices;
}
