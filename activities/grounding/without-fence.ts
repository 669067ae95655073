const fenced = /^```[a-z]*[ \t]*\n([^]*?)\n?```$/i;

/** Models put a whole text into a fence although they are asked not to. */
export const withoutFence = (text: string): string => fenced.exec(text)?.[1]?.trim() ?? text;
