import { useQuery } from '@tanstack/react-query';
import type { Job } from '../../client/index.js';
import { callsQuery } from '../api/queries.js';
import { count, duration, money, words } from '../shared/shown.js';

/** The ledger: every request to a model, what it cost and what became of it. */
export function Calls({ job }: { job: Job }) {
  const { data } = useQuery({ ...callsQuery(job.id), enabled: job.usage !== null });
  if (!data || data.items.length === 0) return null;
  return (
    <section className="panel" aria-labelledby="calls">
      <h2 id="calls">Model calls</h2>
      <ul className="calls">
        {data.items.map((call) => (
          <li key={call.id}>
            <details>
              <summary>
                <span className={`call-outcome call-${call.outcome ?? 'open'}`}>
                  {call.outcome === null ? 'under way' : words(call.outcome)}
                </span>
                <span>
                  {words(call.step)}
                  {call.item === null ? '' : `, ${call.item}`}, attempt {call.attempt}
                </span>
                <span className="quiet">{call.model}</span>
                <span className="number">
                  {money(call.outcome === 'reused' ? call.savedUsd : call.costUsd)}
                </span>
              </summary>
              <dl className="facts">
                <Fact name="Prompt" value={call.prompt} />
                <Fact name="Answered by" value={call.answeredBy ?? '–'} />
                <Fact
                  name="Tokens in"
                  value={`${count(call.inputTokens)}, ${count(call.cachedInputTokens)} of them cached`}
                />
                <Fact
                  name="Tokens out"
                  value={`${count(call.outputTokens)}, ${count(call.reasoningTokens)} of them reasoning`}
                />
                <Fact
                  name="First token after"
                  value={call.firstTokenAfter === null ? '–' : duration(call.firstTokenAfter)}
                />
                <Fact
                  name="Took"
                  value={
                    call.settledAt === null
                      ? '–'
                      : duration((Date.parse(call.settledAt) - Date.parse(call.startedAt)) / 1000)
                  }
                />
                <Fact name="Counted" value={call.estimated ? 'estimated by us' : 'as the provider says'} />
                {call.failureCode !== null && <Fact name="Failure" value={call.failureCode} />}
              </dl>
            </details>
          </li>
        ))}
      </ul>
      {data.nextPageToken !== null && <p className="quiet">The first {data.items.length} are shown.</p>}
    </section>
  );
}

function Fact({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}
