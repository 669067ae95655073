import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { OwnerBudget } from '../../job-types/contract/spend.js';
import { budgetsQuery } from '../api/house.js';
import { AnswerView } from '../shared/answer-view.js';
import { useNow } from '../shared/now.js';
import { duration, money } from '../shared/shown.js';

const spans = { day: 'Today', month: 'This month' } as const;

/** What the operator lets the owner spend, and what is left of it. */
export function Budgets() {
  const answer = useQuery(budgetsQuery);
  return (
    <section className="panel">
      <h2>Budgets</h2>
      <AnswerView answer={answer} what="the budgets" lines={2}>
        {({ items }) => (
          <ul className="budgets">
            {items.map((budget) => (
              <BudgetLine key={budget.span} {...budget} />
            ))}
          </ul>
        )}
      </AnswerView>
      <p className="quiet">
        Days and months are those of UTC. The operator sets <code>OWNER_BUDGET_USD_DAY</code> and{' '}
        <code>OWNER_BUDGET_USD_MONTH</code>; a job has a budget of its own where its submit says so.{' '}
        <Link to="/" search={{ status: 'waiting' }}>
          Jobs that wait
        </Link>{' '}
        say whether it is for their budget.
      </p>
    </section>
  );
}

function BudgetLine({ span, limitUsd, spentUsd, heldUsd, leftUsd, renewsAt }: OwnerBudget) {
  const now = useNow();
  const left = duration(Math.max(0, (Date.parse(renewsAt) - now) / 1000));
  const used = limitUsd ? Math.min(100, (100 * (spentUsd + heldUsd)) / limitUsd) : 0;
  return (
    <li data-span={span}>
      <span className="share-name">{spans[span]}</span>
      <span className="number">
        {limitUsd === null ? `${money(spentUsd)} spent` : `${money(leftUsd)} left of ${money(limitUsd)}`}
      </span>
      {limitUsd !== null && (
        <span className="share-track">
          <span
            className={used >= 100 ? 'share-bar share-bar-full' : 'share-bar'}
            style={{ width: `${used}%` }}
          />
        </span>
      )}
      <span className="share-says quiet">
        {limitUsd === null ? 'No limit' : `${money(spentUsd)} spent`}
        {heldUsd > 0 && `, ${money(heldUsd)} set aside for calls under way`}, begins anew in {left}
      </span>
    </li>
  );
}
