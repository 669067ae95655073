import { useState } from 'react';
import type { UsageTotal } from '../../client/index.js';
import { count, money } from '../shared/shown.js';

interface Day {
  day: string;
  total: UsageTotal | undefined;
}

const dayName = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short', timeZone: 'UTC' });
const named = (day: string): string => dayName.format(new Date(day));

const percent = (part: number, whole: number): string => `${whole > 0 ? (100 * part) / whole : 0}%`;

/** A column a day, of dollars; of calls where nothing has cost anything. What was wasted stands at its foot. */
export function DayBars({ items, days }: { items: readonly UsageTotal[]; days: readonly string[] }) {
  const [looked, look] = useState<string | null>(null);
  const totals = new Map(items.map((item) => [item.key, item]));
  const shown: Day[] = days.map((day) => ({ day, total: totals.get(day) }));
  const priced = items.some(({ costUsd }) => costUsd > 0);
  const heightOf = ({ total }: Day) => (priced ? total?.costUsd : total?.calls) ?? 0;
  const most = Math.max(...shown.map(heightOf));
  const seen = shown.find(({ day }) => day === looked);
  return (
    <>
      <p className="day-bars-says" aria-hidden="true">
        {seen ? <DaySays {...seen} /> : `At most ${priced ? money(most) : `${count(most)} calls`} in a day`}
      </p>
      <div className="day-bars" aria-hidden="true" onPointerLeave={() => look(null)}>
        {shown.map((one) => (
          <div key={one.day} className="day-bar" onPointerEnter={() => look(one.day)}>
            <div className="day-bar-cost" style={{ height: percent(heightOf(one), most) }}>
              {priced && (
                <div
                  className="day-bar-wasted"
                  style={{ height: percent(one.total?.wastedUsd ?? 0, one.total?.costUsd ?? 0) }}
                />
              )}
            </div>
          </div>
        ))}
      </div>
      <p className="day-bars-axis quiet" aria-hidden="true">
        <span>{named(days[0] ?? '')}</span>
        <span>{named(days[Math.floor(days.length / 2)] ?? '')}</span>
        <span>today</span>
      </p>
      <p className="legend quiet" aria-hidden="true">
        <span className="legend-cost">{priced ? 'spent' : 'calls'}</span>
        {priced && <span className="legend-wasted">of it wasted</span>}
      </p>
      <details>
        <summary>The days as a table, of UTC</summary>
        <section className="scroll" aria-label="Days" tabIndex={0}>
          <DayTable days={shown.filter(({ total }) => total).toReversed()} />
        </section>
      </details>
    </>
  );
}

const DaySays = ({ day, total }: Day) => (
  <>
    <strong>{named(day)}</strong> {money(total?.costUsd ?? 0)}, wasted {money(total?.wastedUsd ?? 0)}, saved{' '}
    {money(total?.savedUsd ?? 0)}, {count(total?.calls ?? 0)} calls
  </>
);

function DayTable({ days }: { days: readonly Day[] }) {
  return (
    <table className="spend-table">
      <thead>
        <tr>
          <th scope="col">Day</th>
          {['Spent', 'Wasted', 'Saved', 'Calls'].map((name) => (
            <th key={name} scope="col" className="number">
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {days.map(({ day, total }) => (
          <tr key={day} data-day={day}>
            <th scope="row">{named(day)}</th>
            <td className="number">{money(total?.costUsd)}</td>
            <td className="number">{money(total?.wastedUsd)}</td>
            <td className="number">{money(total?.savedUsd)}</td>
            <td className="number">{count(total?.calls)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
