interface Written {
  provider: string | null;
  writtenBy: string | null;
}

/** Who has written a version. */
export function writer({ provider, writtenBy }: Written): string {
  if (provider === null) return writtenBy === null ? 'by hand' : `by hand, with the key ${writtenBy}`;
  return provider === 'rules' ? 'by a template' : `by ${provider}`;
}
