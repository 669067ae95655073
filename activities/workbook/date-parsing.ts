export interface DateReading {
  /** Whether 03/04/2026 is in April; otherwise in March, unless the first number can be no month. */
  dayFirst?: boolean | undefined;
}

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

const forms: readonly {
  form: RegExp;
  parts: (match: RegExpExecArray, reading: DateReading) => Parts | null;
}[] = [
  {
    form: /^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T ]+(.+))?$/,
    parts: ([, year, month, day, clock]) => ({ year, month, day, clock }),
  },
  {
    form: /^(\d{4})(\d{2})(\d{2})$/,
    parts: ([, year, month, day]) => ({ year, month, day, clock: undefined }),
  },
  {
    form: /^(\d{1,2})([-/.])(\d{1,2})[-/.](\d{4}|\d{2})(?:,?[T ]+(.+))?$/,
    parts: ([, first, mark, second, year, clock], { dayFirst }) =>
      // Where points stand between the numbers, the day comes first.
      (dayFirst ?? (mark === '.' || Number(first) > 12))
        ? { year, month: second, day: first, clock }
        : { year, month: first, day: second, clock },
  },
  {
    form: /^(\d{1,2})(?:st|nd|rd|th)?[- ]([A-Za-z]{3,9})\.?,?[- ](\d{4}|\d{2})(?:,?[T ]+(.+))?$/,
    parts: ([, day, name, year, clock]) => ({ year, month: monthOf(name), day, clock }),
  },
  {
    form: /^([A-Za-z]{3,9})\.? (\d{1,2})(?:st|nd|rd|th)?,? (\d{4})(?:,?[T ]+(.+))?$/,
    parts: ([, name, day, year, clock]) => ({ year, month: monthOf(name), day, clock }),
  },
];

interface Parts {
  year: string | undefined;
  month: string | undefined;
  day: string | undefined;
  clock: string | undefined;
}

const monthOf = (name = ''): string => String(months.indexOf(name.slice(0, 3).toLowerCase()) + 1);

/** The time that a text means, in ms and without a time zone; null for what is no date, such as 31 February. */
export function parseDate(text: string, reading: DateReading = {}): number | null {
  const trimmed = text.trim();
  if (trimmed.length < 6 || trimmed.length > 40) return null;
  for (const { form, parts } of forms) {
    const match = form.exec(trimmed);
    const found = match && parts(match, reading);
    if (found) return timeOf(found);
  }
  return null;
}

function timeOf({ year = '', month, day, clock }: Parts): number | null {
  // Two digits, as spreadsheets read them.
  const full = year.length > 2 ? Number(year) : Number(year) + (Number(year) < 30 ? 2000 : 1900);
  const time = Date.UTC(full, Number(month) - 1, Number(day));
  const date = new Date(time);
  const isReal = date.getUTCMonth() === Number(month) - 1 && date.getUTCDate() === Number(day);
  const ofDay = clock === undefined ? 0 : timeOfDay(clock);
  return isReal && full >= 1900 && ofDay !== null ? time + ofDay : null;
}

/** In ms. */
function timeOfDay(clock: string): number | null {
  const match = /^(\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?\s*([ap]m)?\s*(?:z|[+-]00:?00)?$/i.exec(
    clock.trim(),
  );
  if (!match) return null;
  const [, hour, minute, second = '0', fraction = '', half] = match;
  const isHalf = half !== undefined;
  const hours = (Number(hour) % (isHalf ? 12 : 24)) + (half?.toLowerCase() === 'pm' ? 12 : 0);
  if (Number(hour) > 24 || Number(minute) > 59 || Number(second) > 59) return null;
  return (
    ((hours * 60 + Number(minute)) * 60 + Number(second)) * 1000 +
    Math.round(Number(`0.${fraction || '0'}`) * 1000)
  );
}
