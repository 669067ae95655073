const form = /^file_[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export const isFileId = (value: unknown): value is string => typeof value === 'string' && form.test(value);

/** A file that a job has made or was given. */
export function FileLink({ id }: { id: string }) {
  return (
    <a href={`/v1/files/${id}`} download>
      Download<span className="visually-hidden"> {id}</span>
    </a>
  );
}
