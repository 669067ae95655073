import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { CommandError, node24, root, run, tool } from './commands.mjs';

const dist = join(root, 'dist');
const stamp = join(dist, '.src-hash');
/** tsBuildInfoFile of tsconfig.json. */
const compilerMemory = join(dist, '.tsbuildinfo');

/** What the page for people is made of, besides the packages. */
const pageFolders = ['web', 'client', 'job-types'];
const pageStamp = join(dist, '.web-hash');

/** Makes dist of the sources, as far as it is not what they give. */
export async function build() {
  await buildCode();
  await buildPage();
}

/** Compiles into dist and bundles the workflows. */
async function buildCode() {
  const { include } = JSON.parse(readFileSync(join(root, 'tsconfig.json'), 'utf8'));
  const sources = include.flatMap((folder) => filesIn(join(root, folder)));
  const wanted = hashOf([...sources, join(root, 'tsconfig.json'), join(root, 'package-lock.json')]);
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;

  console.log('Building.');
  // Where a build was interrupted, what the compiler remembers having written need not be there.
  if (!existsSync(stamp)) rmSync(compilerMemory, { force: true });
  rmSync(stamp, { force: true });
  await compile();
  if (sources.some(isOlderInDist)) {
    rmSync(compilerMemory, { force: true });
    await compile();
  }
  removeStale(include, sources);
  const bundler = join(dist, 'scripts/bundle-workflows.js');
  if (existsSync(bundler)) {
    const bundled = await run(node24(), [bundler]);
    if (bundled !== 0) throw new CommandError('The workflows could not be bundled; see above.', bundled);
  }
  mkdirSync(dist, { recursive: true });
  writeFileSync(stamp, wanted);
}

/** The page for people, into dist/web. */
async function buildPage() {
  const builder = join(dist, 'scripts/build-web.js');
  const sources = pageFolders.flatMap((folder) => filesIn(join(root, folder)));
  if (!existsSync(builder) || !existsSync(join(root, 'web'))) return;
  const wanted = hashOf([...sources, builder, join(root, 'package-lock.json')]);
  const isBuilt = existsSync(join(dist, 'web/index.html')) && existsSync(pageStamp);
  if (isBuilt && readFileSync(pageStamp, 'utf8') === wanted) return;
  rmSync(pageStamp, { force: true });
  const code = await run(node24(), [builder], { env: { ...process.env, NODE_ENV: 'production' } });
  if (code !== 0) throw new CommandError('The web page could not be built; see above.', code);
  writeFileSync(pageStamp, wanted);
}

async function compile() {
  const code = await run(tool('tsc'), ['-p', '.', '--pretty', String(Boolean(process.stdout.isTTY))]);
  if (code !== 0) throw new CommandError('The sources do not compile; see above.', code);
}

/** An incremental compiler leaves alone what it takes for unchanged. A file newer than its output has to be looked at. */
function isOlderInDist(source) {
  if (!/\.tsx?$/.test(source) || source.endsWith('.d.ts')) return false;
  const output = join(dist, relative(root, source).replace(/\.tsx?$/, '.js'));
  return !existsSync(output) || statSync(output).mtimeMs < statSync(source).mtimeMs;
}

/** A deleted test or migration must not live on in dist. */
function removeStale(folders, sources) {
  const expected = new Set(sources.map((source) => relative(root, source).replace(/\.tsx?$/, '.js')));
  for (const file of folders.flatMap((folder) => filesIn(join(dist, folder)))) {
    if (!expected.has(relative(dist, file).replace(/\.js\.map$/, '.js'))) rmSync(file);
  }
}

function filesIn(folder) {
  if (!existsSync(folder)) return [];
  return (
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      // The generator of the client has its own.
      .filter((file) => !file.includes(`${sep}node_modules${sep}`))
  );
}

function hashOf(files) {
  const hash = createHash('sha256');
  for (const file of files.toSorted())
    hash
      .update(`${relative(root, file)}\n`)
      .update(readFileSync(file))
      .update('\n');
  return hash.digest('hex');
}
