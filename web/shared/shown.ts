const dollars = new Intl.NumberFormat('en', { style: 'currency', currency: 'USD', maximumFractionDigits: 2 });
const cents = new Intl.NumberFormat('en', {
  style: 'currency',
  currency: 'USD',
  // Always four, so that figures below each other line up.
  minimumFractionDigits: 4,
  maximumFractionDigits: 4,
});
/** A plain zero, beside which what is not nothing stands out. */
const nothing = '$0';
const whole = new Intl.NumberFormat('en');
const moment = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });

const hour = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' });

/** US dollars; what is less is not nothing. */
const leastShown = 0.0001;

/** A price that is not known is a dash, never zero. */
export function money(usd: number | null | undefined): string {
  if (usd === null || usd === undefined) return '–';
  if (usd > 0 && usd < leastShown) return `< ${cents.format(leastShown)}`;
  if (usd === 0) return nothing;
  return usd >= 1 ? dollars.format(usd) : cents.format(usd);
}

export const count = (number: number | null | undefined): string =>
  number === null || number === undefined ? '–' : whole.format(number);

const sizes = ['B', 'kB', 'MB', 'GB'] as const;

/** "812 B", "1.4 MB". */
export function bytes(size: number): string {
  const power = size < 1000 ? 0 : Math.min(sizes.length - 1, Math.floor(Math.log10(size) / 3));
  const number = size / 1000 ** power;
  return `${power === 0 || number >= 100 ? Math.round(number) : number.toFixed(1)} ${sizes[power]}`;
}
/** The time of the day. */
export const clock = (iso: string): string => hour.format(new Date(iso));

export const time = (iso: string): string => moment.format(new Date(iso));

const units = [
  ['d', 86_400],
  ['h', 3_600],
  ['min', 60],
] as const;

/** "45 s", "3 min 20 s", "2 h": the two largest units that say something. */
export function duration(seconds: number): string {
  if (seconds > 0 && seconds < 0.05) return '< 0.1 s';
  if (seconds < 10 && seconds > 0 && !Number.isInteger(seconds)) return `${seconds.toFixed(1)} s`;
  let left = Math.max(0, Math.round(seconds));
  const parts: string[] = [];
  for (const [unit, length] of units) {
    const amount = Math.floor(left / length);
    left -= amount * length;
    if (amount > 0) parts.push(`${amount} ${unit}`);
  }
  if (left > 0 || parts.length === 0) parts.push(`${left} s`);
  return parts.slice(0, 2).join(' ');
}

/** "45 s", "3 min", "2 h": the largest unit alone, which stays for a while. */
export function roughly(seconds: number): string {
  const [unit, length] = units.find(([, of]) => seconds >= of) ?? ['s', 1];
  return `${Math.max(0, Math.floor(seconds / length))} ${unit}`;
}

/** "extractArticle" is "extract article". */
export const words = (name: string): string =>
  name
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replaceAll('_', ' ')
    .toLowerCase()
    .replaceAll(/\b(url|usd|sql|csv|json)\b/g, (short) => short.toUpperCase());

export const sentenceCase = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
