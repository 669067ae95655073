import { readdirSync } from 'node:fs';
import { join, parse } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Article, readArticle } from '../../activities/providers/article/readable.js';
import { createWebFetcher } from '../../activities/providers/web.js';
import { type CaseServer, startCaseServer } from '../harness/case-server.js';
import { failOnLeftovers } from '../harness/leftovers.js';
import { root } from '../harness/repository.js';

const cases = readdirSync(join(root, 'test/cases')).filter((name) => /^w\d/.test(name));

let server: CaseServer;
beforeAll(async () => {
  server = await startCaseServer();
});
afterAll(() => server.close());

const { signal } = new AbortController();

async function read(name: string): Promise<Article & { fetchNotes: string[] }> {
  const web = createWebFetcher({ allow: [server.url], cookieJars: new Map() });
  const page = await web.fetchPage(server.url + parse(name).name, { signal });
  return { ...readArticle(page.body, page.url), fetchNotes: page.notes };
}

/** The beginnings of the six paragraphs. */
const market = [
  'El viejo mercado de la plaza abre sus puertas antes del amanecer',
  'Durante casi un siglo, las mismas familias han vendido',
  'La alcaldesa anunció ayer una reforma profunda',
  'Algunos comerciantes temen que las obras alejen',
  'El arquitecto responsable explicó que conservará',
  'Si todo marcha según lo previsto, el mercado reabrirá',
];
const wholeMarket = [
  'w01-hidden-until-script.html',
  'w03-streamed-react.html',
  'w04-opacity-reveal.html',
  'w05-gzip-without-trailer.http',
  'w06-content-encoding-utf8.http',
  'w07-length-and-chunked.http',
  'w10-vertical-tab.http',
  'w14-json-ld-body.html',
  'w25-space-in-header-name.http',
  'w26-six-unclosed-anchors.html',
];

describe('a page as people meet it', () => {
  it.each(wholeMarket)('(%s) is read whole, in order, and without what is around it', async (name) => {
    const { text, title, language } = await read(name);
    const places = market.map((paragraph) => text.indexOf(paragraph));
    expect(places.filter((place) => place < 0)).toEqual([]);
    expect(places).toEqual(places.toSorted((a, b) => a - b));
    expect(text).toMatch(/oficios del puerto\.$/);
    expect(text).not.toMatch(/Portada|Cargando|Contacto|Activa/);
    expect({ title, language }).toEqual({ title: 'El mercado de la plaza', language: 'es' });
  });

  it('(w09) is read in the charset that it declares late', async () => {
    const { text, title, fetchNotes } = await read('w09-late-charset-shift-jis.http');
    expect(title).toBe('港の朝市');
    expect(text).toContain('夜明け前');
    expect(fetchNotes).toEqual([]);
  });

  it('(w16) has no readings between its letters', async () => {
    const { text } = await read('w16-ruby.html');
    expect(text).toContain('港の朝市は夜明け前に始まり、漁師たちが箱を降ろします。');
    expect(text).not.toMatch(/みなと|あさいち/);
  });

  it('(w17) keeps its line breaks', async () => {
    expect((await read('w17-arabic-br.html')).text.split('\n')).toHaveLength(4);
  });

  it('(w19) has curly quotes', async () => {
    expect((await read('w19-windows-1252.http')).text).toContain('L’ancien marché s’ouvre avant l’aube');
  });

  it('has a test for each of the cases', () => {
    const others = [
      'w09-late-charset-shift-jis.http',
      'w16-ruby.html',
      'w17-arabic-br.html',
      'w19-windows-1252.http',
    ];
    expect(cases.toSorted()).toEqual([...wholeMarket, ...others].toSorted());
  });
});

failOnLeftovers();
