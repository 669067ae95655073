import { describe, expect, it } from '@jest/globals';
import { decode } from '../../activities/providers/web/charset.js';
import { failureOf } from '../harness/failure-of.js';

const where = 'example.org';
const read = (body: Buffer, headerCharset: string | null = null) => decode(body, { headerCharset, where });
const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1');
const hex = (bytes: string): Buffer => Buffer.from(bytes, 'hex');

/** "港の朝市は夜明け前に始まり" and more, as Japanese servers send it. */
const shiftJis = hex('8d6082cc92a98e7382cd96e996be82af914f82c98e6e82dc82e8814189b9956982a682c58eb082c582b7');
const russian = hex(
  'cff0e8e2e5f220ece8f02c20fdf2ee20f0f3f1f1eae8e920f2e5eaf1f22c20eaeef2eef0fbe920ede0e4ee20eff0eef7e8f2e0f2fc',
);
const spanish = latin1(
  'El viejo mercado abrirá mañana, según la alcaldesa; el café está recién hecho y el aire también.',
);
const late = (label: string): Buffer =>
  latin1(
    `<!-- <meta charset=koi8-r> --><script>var a = '<meta charset=utf-16>'; ${'x'.repeat(3000)}</script><title>a</title><meta charset="${label}">`,
  );

describe('the charset of a page', () => {
  it.each<[what: string, body: Buffer, header: string | null, text: string]>([
    ['that is declared late', Buffer.concat([late('shift_jis'), shiftJis]), null, '夜明け前'],
    [
      'that is declared after one nobody knows',
      Buffer.concat([latin1('<meta charset=foo>'), late('shift_jis'), shiftJis]),
      null,
      '夜明け前',
    ],
    ['with a semicolon', Buffer.from('mañana'), 'utf8;', 'mañana'],
    ['in single quotes', Buffer.from('mañana'), "'utf-8'", 'mañana'],
    ['as databases call it', Buffer.from('mañana'), 'utf8mb4', 'mañana'],
    ['with an underscore', spanish, 'ISO_8859-1', 'mañana'],
    ['as other systems call it', russian, 'cp1251', 'русский'],
    ['with a mark of UTF-8, against the header', Buffer.from('\ufeffmañana'), 'windows-1252', 'mañana'],
  ])('(%s) is used', (_, body, header, text) => {
    const found = read(body, header);
    expect(found.text).toContain(text);
    expect(found.text).not.toContain('\ufffd');
    expect(found.note).toBeNull();
  });

  it.each<[what: string, body: Buffer, header: string | null, text: string, note: string]>([
    [
      'is not what the header says, but what the page says',
      Buffer.concat([latin1('<meta charset=shift_jis>'), shiftJis]),
      'utf-8',
      '夜明け前',
      'read as shift_jis',
    ],
    ['is not what the header says', spanish, 'utf-8', 'mañana', 'read as windows-1252'],
    [
      'is not what the page says',
      Buffer.concat([latin1('<meta charset=utf-8>'), shiftJis, shiftJis]),
      null,
      '夜明け前',
      'read as shift_jis',
    ],
    [
      'is UTF-8, whatever the header says',
      Buffer.from('Mañana, según el café: "sí".'),
      'iso-8859-1',
      'según',
      'read as utf-8',
    ],
    ['looks Japanese', Buffer.concat([shiftJis, shiftJis]), null, '夜明け前', 'read as shift_jis'],
    ['looks Russian', russian, null, 'русский', 'read as windows-1251'],
    ['looks Western', spanish, null, 'mañana', 'read as windows-1252'],
  ])('(that %s) is found, and noted', (_, body, header, text, note) => {
    const found = read(body, header);
    expect(found.text).toContain(text);
    expect(found.note).toContain(note);
  });

  it('of a page with a broken character is the one it says', () => {
    const body = Buffer.concat([
      Buffer.from('Mañana, según el café. '.repeat(20)),
      Buffer.from([0xc3]),
      Buffer.from(' Fin.'),
    ]);
    expect(read(body, 'utf-8').text).toContain('según');
  });

  it('of a page that is lost is a failure', async () => {
    const body = Buffer.from('Ma\ufffdana, seg\ufffdn el caf\ufffd. '.repeat(20));
    expect(await failureOf(Promise.resolve().then(() => read(body, 'utf-8')))).toMatchObject({
      code: 'unsupported-content',
    });
    expect(await failureOf(Promise.resolve().then(() => read(body)))).toMatchObject({
      code: 'unsupported-content',
    });
  });
});
