import type { UseQueryResult } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { AnswerView } from '../shared/answer-view.js';
import { time } from '../shared/shown.js';
import type { KindName } from './kinds.js';
import { writer } from './writer.js';

export interface Version {
  version: number;
  provider: string | null;
  writtenBy: string | null;
  createdAt: string;
}

interface Given {
  answer: UseQueryResult<{ items: readonly Version[] }>;
  kind: KindName;
  id: string;
  shown: number;
  comparedWith: number | undefined;
}

/** Every version there is, to be read or compared with the one that is shown. */
export function Versions({ answer, kind, id, shown, comparedWith }: Given) {
  return (
    <aside className="panel versions" aria-labelledby="versions">
      <h2 id="versions">Versions</h2>
      <AnswerView answer={answer} what="the versions">
        {({ items }) => (
          <ol reversed>
            {items.map(({ version, createdAt, ...written }) => (
              <li key={version} className={version === shown ? 'version version-here' : 'version'}>
                <Link
                  to="/library/$kind/$id"
                  params={{ kind, id }}
                  search={{ version }}
                  aria-current={version === shown ? 'true' : undefined}
                >
                  Version {version}
                </Link>
                {version !== shown && version !== comparedWith && (
                  <Link
                    to="/library/$kind/$id"
                    params={{ kind, id }}
                    search={{ version: shown, with: version }}
                  >
                    Compare<span className="visually-hidden"> with version {version}</span>
                  </Link>
                )}
                {version === comparedWith && (
                  <Link to="/library/$kind/$id" params={{ kind, id }} search={{ version: shown }}>
                    Stop comparing
                  </Link>
                )}
                <span className="quiet">
                  {writer(written)}, {time(createdAt)}
                </span>
              </li>
            ))}
          </ol>
        )}
      </AnswerView>
    </aside>
  );
}
