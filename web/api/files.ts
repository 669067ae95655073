import { queryOptions } from '@tanstack/react-query';
import { ProblemError, toFailure } from './problem-error.js';

export interface FileFacts {
  name: string;
  /** Bytes. */
  size: number;
}

export const fileAddress = (id: string): string => `/v1/files/${encodeURIComponent(id)}`;

/** What a file is called, without its bytes; null for one that is not there any more. */
export const fileQuery = (id: string) =>
  queryOptions({
    queryKey: ['file', id],
    queryFn: async ({ signal }): Promise<FileFacts | null> => {
      const { status, ok, headers } = await answered(id, { method: 'HEAD', signal });
      if (status === 404) return null;
      if (!ok) throw new ProblemError(toFailure(null));
      return {
        name: nameIn(headers.get('content-disposition') ?? ''),
        size: Number(headers.get('content-length') ?? 0),
      };
    },
    staleTime: 60_000,
  });

const answered = (id: string, options: RequestInit): Promise<Response> => fetch(fileAddress(id), options);

/** As RFC 6266 has it: in UTF-8 where there is more than ASCII. */
function nameIn(disposition: string): string {
  const [, encoded] = /filename\*=UTF-8''([^;]+)/i.exec(disposition) ?? [];
  if (encoded !== undefined) return decodeURIComponent(encoded);
  const [, quoted, plain] = /filename=(?:"((?:[^"\\]|\\.)*)"|([^;\s]+))/i.exec(disposition) ?? [];
  return quoted?.replaceAll(/\\(.)/g, '$1') ?? plain ?? 'file';
}
