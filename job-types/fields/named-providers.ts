/** An OpenAI-compatible server that has a name of its own. */
export interface NamedProvider {
  /** With its /v1, where it has one. */
  baseURL: string;
  /** Local servers often need none. */
  apiKey?: string | undefined;
}

const name = /^[a-z][a-z0-9-]{0,38}$/;
/** What the names before a slash mean without having been given. */
const taken: ReadonlySet<string> = new Set(['openai', 'anthropic', 'rules']);

/** The variable that holds the key of a provider: GROQ_API_KEY of "groq". */
export const keyVariable = (provider: string): string =>
  `${provider.toUpperCase().replaceAll('-', '_')}_API_KEY`;

/**
 * @param entries name=address
 * @throws when one is not of that form, is there twice, or carries credentials in its address
 */
export function namedProviders(entries: readonly string[]): ReadonlyMap<string, NamedProvider> {
  const providers = new Map<string, NamedProvider>();
  for (const entry of entries) {
    const sign = entry.indexOf('=');
    const [provider, baseURL] = [entry.slice(0, sign).trim(), entry.slice(sign + 1).trim()];
    if (sign < 0 || !name.test(provider)) {
      throw new Error('write name=address, names in small letters, digits and "-", separated by commas');
    }
    if (taken.has(provider)) throw new Error(`"${provider}" is a provider already; give yours another name`);
    if (providers.has(provider)) throw new Error(`"${provider}" is there twice`);
    const url = URL.canParse(baseURL) ? new URL(baseURL) : null;
    if (!url || !/^https?:$/.test(url.protocol)) {
      throw new Error(`the address of "${provider}" is not one that begins with http:// or https://`);
    }
    if (url.username || url.password) {
      throw new Error(
        `the address of "${provider}" holds a password; its key belongs into ${keyVariable(provider)}`,
      );
    }
    providers.set(provider, { baseURL });
  }
  return providers;
}
