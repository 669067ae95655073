import { useQuery } from '@tanstack/react-query';
import { keysQuery } from '../api/house.js';
import { AnswerView } from '../shared/answer-view.js';
import { CopyButton } from '../shared/copy-button.js';
import { KeyList } from './key-list.js';
import { NewKey } from './new-key.js';

/** Who may come in. */
export function KeysPanel({ inUse, operator }: { inUse: boolean; operator: boolean }) {
  return (
    <section className="panel" aria-labelledby="keys">
      <h2 id="keys">API keys</h2>
      {!inUse && <NoKeys />}
      {inUse && !operator && (
        <p>
          Keys are made and revoked by operators: the owners that <code>OPERATORS</code> names. Yours is not
          one of them. On its own machine the operator has <code>npm run keys</code> as well.
        </p>
      )}
      {inUse && operator && <Keys />}
    </section>
  );
}

const firstKey = 'npm run keys -- create local';

function NoKeys() {
  return (
    <>
      <p>
        There is no key: this machine is served without, as the owner <code>local</code>, and no other is. The
        first key is made at the command line, and from then on nobody is answered without one.
      </p>
      <p className="row">
        <code>{firstKey}</code>
        <CopyButton text={() => firstKey}>Copy</CopyButton>
      </p>
      <p className="quiet">
        With it you sign in here, and make the others on this page. <code>npm run keys -- off</code> leads
        back.
      </p>
    </>
  );
}

function Keys() {
  const answer = useQuery(keysQuery);
  return (
    <>
      <NewKey />
      <AnswerView answer={answer} what="the keys" lines={3}>
        {(keys) => <KeyList keys={keys} />}
      </AnswerView>
    </>
  );
}
