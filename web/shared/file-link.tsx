import { useQuery } from '@tanstack/react-query';
import { createContext, useContext } from 'react';
import { fileAddress, fileQuery } from '../api/files.js';
import { bytes } from './shown.js';

const none: ReadonlySet<string> = new Set();

/** The ids of files among what is drawn. Its schema tells them from texts that look like one. */
export const FileIds = createContext(none);

export function useIsFile(): (value: unknown) => value is string {
  const ids = useContext(FileIds);
  return (value): value is string => typeof value === 'string' && ids.has(value);
}

/** A file to download, under its name. */
export function FileLink({ id }: { id: string }) {
  const { data } = useQuery(fileQuery(id));
  if (data === null) return <span className="quiet">The file was removed.</span>;
  const name = data?.name ?? id;
  return (
    <span className="file-link">
      <a href={fileAddress(id)} download={name}>
        {name}
      </a>
      {data && <span className="quiet"> {bytes(data.size)}</span>}
    </span>
  );
}
