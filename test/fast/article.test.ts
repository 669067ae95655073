import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { createArticleActivities } from '../../activities/article.js';
import { createArticleReader } from '../../activities/providers/article/article-reader.js';
import { readArticle, readPlainText } from '../../activities/providers/article/readable.js';
import { createWebFetcher } from '../../activities/providers/web.js';
import type { Receipts } from '../../store/receipts.js';
import { runInStep, type Step } from '../../activities/frame/step.js';
import type { NewText } from '../../store/texts.js';
import { failureOf } from '../harness/failure-of.js';
import { isCollected } from '../harness/garbage.js';
import { failOnLeftovers } from '../harness/leftovers.js';
import { leastMs, promptMs } from '../harness/prompt.js';

const sample = await readFile(resolve(import.meta.dirname, '../../../samples/el-faro.html'), 'utf8');
const url = 'https://example.org/a';
const sentence = 'Cada mañana, antes de que salga el sol, Marina riega los tomates que su abuelo plantó. ';
const paragraphs = `<p>${sentence.repeat(3)}</p>`.repeat(3);
const page = (body: string, head = '<title>El huerto</title>'): string =>
  `<!doctype html><html lang="es"><head>${head}</head><body>${body}</body></html>`;
const text = (body: string): string => readArticle(page(body), url).text;
const failure = (html: string) => failureOf(Promise.resolve().then(() => readArticle(html, url)));

describe('the sample article', () => {
  const article = readArticle(sample, url);

  it('has its title, its language, and its paragraphs on lines of their own', () => {
    expect(article.title).toBe('El faro que aprendió a escuchar');
    expect(article.language).toBe('es');
    expect(article.text.split('\n')).toHaveLength(9);
    expect(article.text).toMatch(/^Durante casi un siglo/);
    expect(article.text).toMatch(/alguien despierto\.$/);
  });

  it.each(['murciélago', 'comentario', 'Recetas', 'molino', 'inventados', 'max-width'])(
    'leaves out what is not the article (%s)',
    (word) => {
      expect(sample).toContain(word);
      expect(article.text).not.toContain(word);
    },
  );
});

describe('the text of an article', () => {
  it('keeps paragraphs, breaks, list items and headings apart', () => {
    const body = `<article><h2>Uno</h2>${paragraphs}<p>dos<br>tres <b>cua</b>tro</p><ul><li>cinco</li><li>seis</li></ul></article>`;
    expect(text(body)).toMatch(/\ndos\ntres cuatro\ncinco\nseis$/);
  });

  it.each([
    '<p hidden>PWNED</p>',
    '<div style="display: none">PWNED</div>',
    '<span style="visibility:hidden">PWNED</span>',
    '<span style="font-size:0px">PWNED</span>',
    '<span style="opacity: 0.0;">PWNED</span>',
    '<p aria-hidden="true">PWNED</p>',
    '<template><p>PWNED</p></template>',
    '<noscript><p>PWNED</p></noscript>',
    '<script>PWNED</script>',
    '<!-- PWNED -->',
    '<svg><text>PWNED</text></svg>',
    '<img alt="PWNED" src="a.png">',
    '<input type="hidden" value="PWNED">',
    '<meta name="description" content="PWNED">',
  ])('has nothing of %s in it', (hidden) => {
    const found = text(
      `<article>${paragraphs}<p>Antes ${hidden} después, dice Marina.</p>${paragraphs}</article>`,
    );
    expect(found).not.toContain('PWNED');
    expect(found).toContain('Marina');
  });

  it('keeps what is only faint or small', () => {
    const seen = '<span style="opacity: 0.8">faint</span> and <span style="font-size:0.9em">small</span>';
    expect(text(`<article>${paragraphs}<p>${seen}, dice Marina.</p></article>`)).toContain('faint and small');
  });

  it('has no invisible characters, but the joiners that Persian is spelled with', () => {
    const tags = String.fromCodePoint(0xe0069, 0xe0067);
    const body = `<p>ig\u200bno\u202ere${tags} es\u200dto\u00ad\u0000 می\u200cخواهم cafe\u0301</p>`;
    expect(text(`<article>${paragraphs}${body}</article>`)).toContain('ignore esto می\u200cخواهم café');
  });

  it('has neither readings glued to words nor footnote marks', () => {
    const body =
      '<p><ruby>漢字<rp>(</rp><rt>かんじ</rt><rp>)</rp></ruby> y agua<sup>[12]</sup> a 5 m<sup>2</sup></p>';
    expect(text(`<article>${paragraphs}${body}</article>`)).toContain('漢字 y agua a 5 m2');
  });
});

describe('a page that is written unusually', () => {
  it.each([
    ['without html, head and body', `<title>El huerto</title>${paragraphs}`],
    ['without an end', `<!doctype html><html lang=es><title>El huerto</title><body><article>${paragraphs}`],
    ['in capitals', `<HTML LANG="es"><HEAD><TITLE>El huerto</TITLE></HEAD><BODY>${paragraphs}</BODY></HTML>`],
    ['with two bodies', `${page('<body class="js">')}${paragraphs}</body>`],
    [
      'as XHTML',
      `<?xml version="1.0"?><html xml:lang="es"><head><title>El huerto</title></head><body>${paragraphs}</body></html>`,
    ],
    ['with a title in a drawing', page(`<svg><title>Logo</title></svg>${paragraphs}`)],
  ])('%s is read', (_, html) => {
    expect(readArticle(html, url)).toMatchObject({
      title: 'El huerto',
      text: expect.stringContaining('Marina riega'),
    });
  });

  it.each([
    ['<html lang="pt-br">', 'pt-BR'],
    ["<html class='a' lang='EN'>", 'en'],
    ['<html xml:lang="de">', 'de'],
    ['<html lang="gibberish!">', null],
    ['<html>', null],
  ])('%s declares the language %s', (tag, language) => {
    expect(readArticle(`${tag}<body>${paragraphs}</body></html>`, url).language).toBe(language);
  });
});

describe('a page without an article', () => {
  const links = Array.from({ length: 40 }, (_, index) => `<p><a href="/${index}">${sentence}</a></p>`).join(
    '',
  );

  it.each([
    ['is empty', '', 'no running text'],
    ['has a line', page('<p>Hola.</p>'), 'only 4 letters'],
    ['draws itself', page('<div id="root"></div><script src="app.js"></script>'), 'JavaScript'],
    [
      'forwards',
      page('<p>Un momento.</p>', '<meta http-equiv="Refresh" content="0; url=http://127.0.0.1/">'),
      'forwards elsewhere',
    ],
    ['asks for a sign-in', page('<form>Correo <input> <input type="password"></form>'), 'asks for a sign-in'],
    ['is a list', page(links), 'is a list'],
  ])('because it %s is told so', async (_, html, says) => {
    const told = await failure(html);
    expect(told.code).toBe('no-article');
    expect(told.message).toContain(says);
  });

  it('is told from a short one in a dense script', () => {
    expect(
      text(`<p>${'毎朝、日が昇る前に、マリナは祖父が植えたトマトに水をやります。'.repeat(3)}</p>`),
    ).toContain('トマト');
  });
});

describe('plain text', () => {
  it('passes through, cleaned', () => {
    expect(readPlainText('Uno\r\n\r\ndos\u200b\u0000\n')).toEqual({
      title: null,
      language: null,
      text: 'Uno\n\ndos',
    });
  });

  it('without a word in it is no article', async () => {
    expect(await failureOf(Promise.resolve().then(() => readPlainText(' \n 12 ')))).toMatchObject({
      code: 'no-article',
    });
  });
});

describe('a page made to keep the reader busy', () => {
  it.each([
    ['nested 100,000 deep', '<div>'.repeat(100_000)],
    ['nested behind end tags of nothing', '<div></b>'.repeat(50_000)],
    ['nested in an unfinished script', `${'<i>'.repeat(2000)}<script>`],
    ['with half a million elements', '<p>a</p>'.repeat(500_000)],
  ])('(%s) is refused at once', async (_, html) => {
    const least = await leastMs(promptMs, async () => {
      const started = performance.now();
      expect(await failure(html + paragraphs)).toMatchObject({ code: 'page-too-large' });
      return performance.now() - started;
    });
    expect(least).toBeLessThan(promptMs);
  });

  it.each([
    [
      'a tag with 100,000 attributes',
      `<p ${Array.from({ length: 100_000 }, (_, i) => `a${i}=1`).join(' ')}>`,
    ],
    ['100,000 comments that do not end', '<!--'.repeat(100_000)],
    ['100,000 scripts that do not end', '<script>'.repeat(100_000)],
    ['a line of 4 MB', `<p>${'palabra '.repeat(500_000)}</p>`],
  ])('(%s) does not keep it long', async (_, html) => {
    const reader = createArticleReader({ limitMs: 10_000 });
    try {
      const { signal } = new AbortController();
      const article = await reader.readArticle(page(paragraphs + html), url, { signal });
      expect(article.text).toContain('Marina riega');
    } finally {
      await reader.close();
    }
  });
});

const failureMessage = async (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'it succeeded',
    (error: unknown) => (error as Error).message,
  );

describe('the reader thread', () => {
  const { signal } = new AbortController();
  /** 40,000 links in a paragraph each: seconds of work. */
  const busy = page('<p>a, <a href="x">b</a></p>'.repeat(36_000));

  it('ends a page that takes too long', async () => {
    const reader = createArticleReader({ limitMs: 1 });
    try {
      const first = failureOf(reader.readArticle(busy, url, { signal }));
      expect(await first).toMatchObject({
        code: 'page-too-large',
        message: expect.stringContaining('0.001 s'),
      });
    } finally {
      await reader.close();
    }
  });

  it('takes the running text of a page for which the look for its article takes too long', async () => {
    const cards = '<div class="card"><a href="/b"><span>Otra noticia</span></a><span>hace 2 h</span></div>';
    const around = `<nav><p>PWNED ${sentence}</p></nav><p hidden>PWNED ${sentence}</p>`;
    const many = page(`${around}<main><h1>El huerto</h1>${paragraphs}</main>${cards.repeat(18_000)}`);
    const reader = createArticleReader({ limitMs: 1, hasteLimitMs: 60_000 });
    try {
      const article = await reader.readArticle(many, url, { signal });
      expect(article).toMatchObject({ title: 'El huerto', language: 'es' });
      expect(article.text.split('\n')).toEqual(Array.from({ length: 3 }, () => sentence.repeat(3).trim()));
      expect(article.notes).toEqual([expect.stringContaining('took too long to read')]);
    } finally {
      await reader.close();
    }
  });

  it('is asked no more of by a script than by none: only what is shown makes a page large', () => {
    const script = `<script>window.state = "${'x'.repeat(900_000)}"</script>`;
    const related = `<div class="c">${`<p>${sentence.replaceAll('Marina', 'PWNED')}</p>`.repeat(2)}</div>`;
    const small = page(`<div class="article-body">${paragraphs}</div>${related}`);
    expect(readArticle(small.replace('</body>', `${script}</body>`), url)).toEqual(readArticle(small, url));
  });

  it('survives a page that takes too much memory', async () => {
    const reader = createArticleReader({ memoryMb: 20 });
    try {
      expect(await failureOf(reader.readArticle(busy, url, { signal }))).toMatchObject({
        code: 'page-too-large',
      });
      expect(await reader.readArticle(sample, url, { signal })).toMatchObject({ language: 'es' });
    } finally {
      await reader.close();
    }
  });

  it('keeps nothing of a page that was read', async () => {
    const reader = createArticleReader();
    /** With a signal as an attempt's is. */
    const read = async () => {
      const attempt = AbortSignal.any([new AbortController().signal, new AbortController().signal]);
      await reader.readArticle(sample, url, { signal: attempt });
      return new WeakRef(attempt);
    };
    try {
      expect(await isCollected(await read())).toBe(true);
    } finally {
      await reader.close();
    }
  });

  it('does not let who was cancelled before wait for a turn', async () => {
    const reader = createArticleReader();
    try {
      const front = new AbortController();
      const first = reader.readArticle(busy, url, { signal: front.signal }).catch(() => 'over');
      const late = reader.readArticle(sample, url, { signal: AbortSignal.abort(new Error('late')) });
      expect(await Promise.race([first, failureMessage(late)])).toBe('late');
      front.abort();
      await first;
    } finally {
      await reader.close();
    }
  });

  it('is left at once by who is cancelled, in front and in the queue', async () => {
    const reader = createArticleReader();
    try {
      const [front, queued] = [new AbortController(), new AbortController()];
      const outcomes = [front, queued].map((caller) =>
        reader.readArticle(busy, url, { signal: caller.signal }).catch((error: unknown) => error),
      );
      const last = reader.readArticle(sample, url, { signal });
      queued.abort(new Error('queued'));
      expect(await outcomes[1]).toHaveProperty('message', 'queued');
      front.abort(new Error('front'));
      expect(await outcomes[0]).toHaveProperty('message', 'front');
      expect(await last).toMatchObject({ language: 'es' });
    } finally {
      await reader.close();
    }
  });
});

describe('fetchArticle', () => {
  const reader = createArticleReader();
  const stored: NewText[] = [];
  const texts = { put: async (one: NewText) => `text-${stored.push(one)}` };
  const server = createServer((_, response) => {
    response.setHeader('content-type', 'text/html; charset=utf-8').end(sample);
  });
  afterAll(async () => {
    await reader.close();
    server.closeAllConnections();
    if (server.listening) await new Promise((done) => server.close(done));
  });

  it('stores the text and returns a reference, and says what it does meanwhile', async () => {
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const web = createWebFetcher({ allow: [`${origin}/samples/`], cookieJars: new Map() });
    const said: unknown[] = [];
    const step: Step = {
      rootJobId: 'job_root',
      jobId: 'job_root.r1',
      runId: 'run',
      presentRunId: 'run',
      jobType: 'extractArticle',
      owner: 'local',
      name: 'fetch',
      item: null,
      activity: 'fetch',
      attempt: 1,
      signal: new AbortController().signal,
      progress: ({ message }) => said.push(message),
      output: () => {},
      reasoning: () => {},
      restart: () => {},
      partial: () => {},
      noteReused: () => {},
    };
    const kept = new Map<string, unknown>();
    const receipts: Pick<Receipts, 'find' | 'put'> = {
      find: async <T>({ rootJobId, step: name }: { rootJobId: string; step: string }) =>
        (kept.get(`${rootJobId}/${name}`) as T | undefined) ?? null,
      put: async (key, outcome) => void kept.set(`${key.rootJobId}/${key.step}`, outcome),
    };
    const { fetchArticle } = createArticleActivities({ web, reader, receipts, texts });
    const address = `${origin}/samples/el-faro.html`;
    const found = await runInStep(step, () =>
      fetchArticle({ url: address, browser: 'firefox', owner: 'ana' }),
    );

    const title = 'El faro que aprendió a escuchar';
    expect(stored).toEqual([
      {
        rootJobId: 'job_root',
        step: 'fetch',
        item: null,
        owner: 'ana',
        url: address,
        title,
        language: 'es',
        text: expect.any(String),
      },
    ]);
    expect(found).toEqual({
      textId: 'text-1',
      url: address,
      title,
      language: 'es',
      characters: stored[0]?.text.length,
      notes: ['There is no cookie jar named "firefox"; fetched without cookies.'],
    });
    expect(said).toEqual(['Fetching 127.0.0.1', 'Looking for the article in the page']);
  });
});

failOnLeftovers();
