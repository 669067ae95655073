import { describe, expect, it } from '@jest/globals';
import { numberIn } from '../../src/events/number-in.js';

/** As Node hands on the bytes of a header. */
const asHeader = (text: string): string => Buffer.from(text).toString('latin1');

describe('a number in a header', () => {
  it.each([
    ['0', 0],
    ['12', 12],
    [' 12 ', 12],
    ['999999999999999', 999_999_999_999_999],
    ['٣', 3],
    ['۱۲۳', 123],
    ['१०', 10],
    ['３４', 34],
    ['𝟘𝟡', 9],
    ['𝟿', 9],
    ['1२', 12],
  ])('"%s" is %i, in whatever script', (text, number) => {
    expect(numberIn(text)).toBe(number);
    expect(numberIn(asHeader(text))).toBe(number);
  });

  it('of every script is what Unicode says', () => {
    const digits = Array.from({ length: 0x11_0000 }, (_, code) => code)
      .filter((code) => (code < 0xd800 || code > 0xdfff) && /\p{Nd}/u.test(String.fromCodePoint(code)))
      .map((code) => String.fromCodePoint(code));
    expect(digits.length % 10).toBe(0);
    expect(digits.map(numberIn)).toEqual(digits.map((_, index) => index % 10));
  });

  it.each(['', ' ', '-1', '1.5', '1,5', '1 2', '+1', '0x1', '1e3', 'Ⅳ', '½', '²', '一', '1234567890123456'])(
    '"%s" is none',
    (text) => {
      expect(numberIn(text)).toBeNull();
      expect(numberIn(asHeader(text))).toBeNull();
    },
  );
});
