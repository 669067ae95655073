import { useQuery } from '@tanstack/react-query';
import type { System } from '../../job-types/contract/system.js';
import { systemQuery } from '../api/house.js';
import { AnswerView } from '../shared/answer-view.js';
import { usePageTitle } from '../shared/page-title.js';
import { Addresses } from './addresses.js';
import { KeysPanel } from './keys-panel.js';
import { PartCards } from './part-cards.js';
import { Providers } from './providers.js';
import { Queues } from './queues.js';
import { verdict } from './verdict.js';
import './system.css';

/** Whether everything is up, since when and where; and who may come in. */
export default function SystemView() {
  const answer = useQuery(systemQuery);
  const said = answer.data && !answer.error ? verdict(answer.data) : null;
  usePageTitle('System');
  return (
    <>
      <h1>System</h1>
      <p className="why" role="status">
        {said?.sentence ?? (answer.error ? 'The API does not say.' : 'Looking.')}
      </p>
      <AnswerView answer={answer} what="the parts" lines={6}>
        {(system) => <Parts system={system} />}
      </AnswerView>
    </>
  );
}

const Parts = ({ system }: { system: System }) => (
  <>
    <PartCards parts={system.parts} runtime={system.runtime} />
    <div className="system-pair">
      <Queues queues={system.queues} />
      <Providers providers={system.providers} />
    </div>
    <KeysPanel {...system.keys} />
    <Addresses addresses={system.addresses} />
  </>
);
