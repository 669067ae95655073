import type { Failure } from '../../client/index.js';

/** One refusal or failure: what happened, and where it is explained. */
export function ProblemNote({ failure, children }: { failure: Failure; children?: React.ReactNode }) {
  return (
    <div className="note note-bad" role="alert">
      <p className="note-title">{failure.title}</p>
      <p>{failure.detail}</p>
      {failure.errors && failure.errors.length > 0 && (
        <ul>
          {failure.errors.map(({ pointer, detail }) => (
            <li key={`${pointer} ${detail}`}>
              <code>{pointer || '/'}</code> {detail}
            </li>
          ))}
        </ul>
      )}
      <p className="row">
        {children}
        {failure.type.startsWith('/problems/') && <a href={failure.type}>What this means, and what to do</a>}
      </p>
    </div>
  );
}
