import { useQuery } from '@tanstack/react-query';
import type { UsageTotal } from '../../client/index.js';
import { jobTypesQuery } from '../api/queries.js';
import { type UsageGroup, usageQuery } from '../api/house.js';
import { AnswerView } from '../shared/answer-view.js';
import { count, money } from '../shared/shown.js';

interface Given {
  by: Exclude<UsageGroup, 'day'>;
  from: string;
  title: string;
}

const dearestFirst = (items: readonly UsageTotal[]): UsageTotal[] =>
  items.toSorted((one, other) => other.costUsd - one.costUsd || other.calls - one.calls);

/** What each model, or each type of job, has cost, with a bar for its share. */
export function Breakdown({ by, from, title }: Given) {
  const answer = useQuery(usageQuery(by, from));
  const { data: types } = useQuery(jobTypesQuery);
  const nameOf = (key: string | null): string =>
    (by === 'type' && types?.find(({ name }) => name === key)?.title) || (key ?? '–');
  return (
    <section className="panel" aria-label={title}>
      <h2>{title}</h2>
      <AnswerView answer={answer} what={title} lines={3}>
        {({ items }) => {
          const priced = items.some(({ costUsd }) => costUsd > 0);
          const most = Math.max(...items.map(({ costUsd, calls }) => (priced ? costUsd : calls)));
          return (
            <ol className="shares">
              {dearestFirst(items).map((item) => (
                <li key={item.key} data-key={item.key}>
                  <span className="share-name">{nameOf(item.key)}</span>
                  <span className="number">{money(item.costUsd)}</span>
                  <span className="share-track">
                    <span
                      className="share-bar"
                      style={{ width: `${(100 * (priced ? item.costUsd : item.calls)) / (most || 1)}%` }}
                    />
                  </span>
                  <span className="share-says quiet">
                    {count(item.calls)} {item.calls === 1 ? 'call' : 'calls'}
                    {item.wastedUsd > 0 && (
                      <>
                        , <span className="money-bad">{money(item.wastedUsd)} wasted</span>
                      </>
                    )}
                    {item.savedUsd > 0 && (
                      <>
                        , <span className="money-good">{money(item.savedUsd)} saved</span>
                      </>
                    )}
                    {item.unpricedCalls > 0 && `, ${count(item.unpricedCalls)} without a known price`}
                  </span>
                </li>
              ))}
            </ol>
          );
        }}
      </AnswerView>
    </section>
  );
}
