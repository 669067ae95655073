import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { UsageTotal } from '../../client/index.js';
import { usageQuery } from '../api/house.js';
import { AnswerView } from '../shared/answer-view.js';
import { Empty } from '../shared/empty.js';
import { useToday } from '../shared/now.js';
import { usePageTitle } from '../shared/page-title.js';
import { Breakdown } from './breakdown.js';
import { Budgets } from './budgets.js';
import { DayBars } from './day-bars.js';
import { DearestJobs } from './dearest-jobs.js';
import { SpendFigures } from './spend-figures.js';
import { daysUntil, ranges, useSpendSearch } from './spend-search.js';
import { summed } from './sums.js';
import './spend.css';

/** What the calls of models have cost, what of it was wasted, and what was saved. */
export default function SpendView() {
  const { days: range } = useSpendSearch();
  const days = daysUntil(useToday(), range);
  const [from = ''] = days;
  const byDay = useQuery(usageQuery('day', from));
  usePageTitle('Spend');
  return (
    <>
      <div className="row row-between">
        <h1>Spend</h1>
        <nav aria-label="Range" className="tabs">
          {ranges.map((one) => (
            <Link
              key={one}
              to="/spend"
              search={{ days: one }}
              className={one === range ? 'tab tab-here' : 'tab'}
              aria-current={one === range ? 'true' : undefined}
            >
              {one} days
            </Link>
          ))}
        </nav>
      </div>
      <AnswerView answer={byDay} what="what was spent" lines={8}>
        {({ items }) => <Spent items={items} days={days} />}
      </AnswerView>
      <Budgets />
    </>
  );
}

function Spent({ items, days }: { items: readonly UsageTotal[]; days: readonly string[] }) {
  const [from = ''] = days;
  if (items.length === 0) {
    return (
      <Empty title={`No call of a model in ${days.length} days`}>
        <p>What jobs pay their models for is summed up here, by day, model and type.</p>
        <Link to="/submit">Submit a job</Link>
      </Empty>
    );
  }
  return (
    <>
      <SpendFigures total={summed(items)} />
      <section className="panel">
        <h2>By day</h2>
        <DayBars items={items} days={days} />
      </section>
      <div className="spend-pair">
        <Breakdown by="model" from={from} title="By model" />
        <Breakdown by="type" from={from} title="By type" />
      </div>
      <DearestJobs from={from} />
    </>
  );
}
