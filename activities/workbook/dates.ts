/** In ms. */
const day = 86_400_000;

/** Day 0 of Excel's calendar, as it counts from 1 March 1900 on. */
const dayZero = Date.UTC(1899, 11, 30);

/** The last day of the year 9999, which is Excel's last. */
const lastDay = 2_958_465;

/** Days from Excel's calendar to that of old Macs, which begins in 1904. */
export const daysTo1904 = 1462;

/** The built-in formats of dates and times, by their numbers in the file. */
const builtIn: Readonly<Record<number, string>> = {
  1: '0',
  2: '0.00',
  3: '#,##0',
  4: '#,##0.00',
  9: '0%',
  10: '0.00%',
  11: '0.00E+00',
  12: '# ?/?',
  13: '# ??/??',
  14: 'mm-dd-yy',
  15: 'd-mmm-yy',
  16: 'd-mmm',
  17: 'mmm-yy',
  18: 'h:mm AM/PM',
  19: 'h:mm:ss AM/PM',
  20: 'h:mm',
  21: 'h:mm:ss',
  22: 'm/d/yy h:mm',
  37: '#,##0 ;(#,##0)',
  38: '#,##0 ;[Red](#,##0)',
  39: '#,##0.00;(#,##0.00)',
  40: '#,##0.00;[Red](#,##0.00)',
  45: 'mm:ss',
  46: '[h]:mm:ss',
  47: 'mmss.0',
  48: '##0.0E+0',
  49: '@',
};

export const builtInFormat = (number: number): string | undefined => builtIn[number];

const dateFormats = new Map<string, boolean>();

/** Whether a number of this format is shown as a date or a time. */
export function isDateFormat(format: string | undefined): boolean {
  // Excel takes no longer one, and the time of the pattern below grows with the square of the length.
  if (format === undefined || format.length > 255) return false;
  let known = dateFormats.get(format);
  if (known === undefined) {
    // What stands in quotes, in brackets or behind a backslash is no letter of the format.
    const letters = format.replace(/"[^"]*"|\[[^\]]*\]|\\.|_.|\*./g, '');
    known = /[ymdhs]/i.test(letters) && !/general/i.test(letters);
    if (dateFormats.size > 10_000) dateFormats.clear();
    dateFormats.set(format, known);
  }
  return known;
}

/** The time that a day number means, in ms; null for what is no day of Excel's. */
export const timeOfSerial = (serial: number): number | null =>
  serial >= 0 && serial < lastDay + 1 ? Math.round(dayZero + serial * day) : null;

export const serialOfTime = (time: number): number => (time - dayZero) / day;

/** A day, with its time of day where it has one, as ISO 8601 writes them. Below one day it is a time alone. */
export function serialText(serial: number): string | null {
  const time = timeOfSerial(serial);
  if (time === null) return null;
  const [date = '', clock = ''] = new Date(time)
    .toISOString()
    .replace(/(\.000)?Z$/, '')
    .split('T');
  if (serial < 1) return clock;
  return clock === '00:00:00' ? date : `${date}T${clock}`;
}
