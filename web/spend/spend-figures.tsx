import { count, money } from '../shared/shown.js';
import type { Sums } from './sums.js';

const share = (part: number, whole: number): string =>
  whole > 0 ? `${Math.round((100 * part) / whole)}% of it` : '';

/** The whole range in six numbers. */
export function SpendFigures({ total }: { total: Sums }) {
  const { costUsd, wastedUsd, savedUsd, calls, unpricedCalls } = total;
  return (
    <>
      <dl className="figures">
        <Figure name="Spent" says={money(costUsd)} small={total.estimated ? 'some of it estimated' : ''} />
        <Figure
          name="Wasted"
          says={money(wastedUsd)}
          small={wastedUsd > 0 ? share(wastedUsd, costUsd) : 'every answer was of use'}
          tone={wastedUsd > 0 ? 'figure-bad' : ''}
        />
        <Figure
          name="Saved"
          says={money(savedUsd)}
          small="answers used again"
          tone={savedUsd > 0 ? 'figure-good' : ''}
        />
        <Figure name="Calls" says={count(calls)} small="" />
        <Figure
          name="Tokens in"
          says={count(total.inputTokens)}
          small={`${count(total.cachedInputTokens)} from the cache`}
        />
        <Figure
          name="Tokens out"
          says={count(total.outputTokens)}
          small={`${count(total.reasoningTokens)} of reasoning`}
        />
      </dl>
      {unpricedCalls > 0 && (
        <p className="note">
          {unpricedCalls === 1 ? 'One call has' : `${count(unpricedCalls)} calls have`} no known price and{' '}
          {unpricedCalls === 1 ? 'is' : 'are'} left out of these sums. The operator sets prices in{' '}
          <code>MODEL_PRICES</code>.
        </p>
      )}
    </>
  );
}

interface Shown {
  name: string;
  says: string;
  small: string;
  tone?: string;
}

const Figure = ({ name, says, small, tone = '' }: Shown) => (
  <div className={`figure ${tone}`}>
    <dt>{name}</dt>
    <dd>
      {says}
      <small>{small}</small>
    </dd>
  </div>
);
