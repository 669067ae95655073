import { useId } from 'react';
import type { JobEstimate } from '../../job-types/contract/estimate.js';
import { count, money } from '../shared/shown.js';

interface Given {
  /** Absent until it has come; without it the form asks for the model itself. */
  estimate: JobEstimate | undefined;
  /** The model that the form names; undefined: the usual one. */
  model: string | undefined;
  /** Absent where the type asks no model of its caller's choice. */
  onModel?: ((model: string | undefined) => void) | undefined;
  /** US dollars. */
  budget: number | undefined;
  /** The fields of the budget. */
  children: React.ReactNode;
}

type Priced = JobEstimate['models'][number];

const nameOf = ({ model, costUsd }: Priced): string =>
  costUsd === null ? model : `${money(costUsd)} · ${model}`;

/** Beside the form: which model is asked, and what that is estimated to cost. */
export function Estimate({ estimate: data, model, onModel, budget, children }: Given) {
  const field = useId();
  if (!data) return <aside className="panel estimate">{children}</aside>;
  const chosen = data.models.find((one) => (model === undefined ? one.usual : one.model === model));
  return (
    <aside className="panel estimate" aria-label="Estimate">
      <h2>Estimate</h2>
      <p className="estimate-sum" aria-live="polite">
        {chosen?.costUsd === null || chosen === undefined ? 'Not known yet' : `≈ ${money(chosen.costUsd)}`}
      </p>
      <p className="quiet">{basisOf(data)}</p>
      {budget !== undefined && chosen && chosen.costUsd !== null && chosen.costUsd > budget && (
        <p className="note note-warn">
          More than its budget of {money(budget)}: it will likely stop at the end of that.
        </p>
      )}
      {onModel && (
        <div className="field">
          <label htmlFor={field}>Model</label>
          <select
            id={field}
            value={chosen?.model ?? ''}
            onChange={({ target }) => {
              const usual = data.models.find((one) => one.model === target.value)?.usual;
              onModel(usual ? undefined : target.value);
            }}
          >
            {chosen === undefined && <option value="">{model}</option>}
            {data.models.map((one) => (
              <option key={one.model} value={one.model}>
                {nameOf(one)}
              </option>
            ))}
          </select>
        </div>
      )}
      <dl className="prices">
        <div>
          <dt>A million tokens in</dt>
          <dd className="number">{money(chosen?.inputMtokUsd)}</dd>
        </div>
        <div>
          <dt>A million tokens out</dt>
          <dd className="number">{money(chosen?.outputMtokUsd)}</dd>
        </div>
      </dl>
      {children}
    </aside>
  );
}

/** What the estimate is taken from. */
function basisOf({ jobs, inputTokens, outputTokens }: JobEstimate): string {
  if (jobs === 0) return 'No job of this type has asked a model yet. The first one will tell.';
  const of = jobs === 1 ? 'The last job of this type' : `The middle one of your last ${jobs} jobs`;
  return `${of} used ${count(inputTokens)} tokens in and ${count(outputTokens)} out.`;
}
