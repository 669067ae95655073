import { openHouse } from '../harness/house.js';
import { ownServers } from '../harness/own-servers.js';
import { NotToBeHad, startRealModelServer } from './model-server.js';
import { scenes } from './scenes.js';

process.exitCode = await real(process.argv.slice(2));

/**
 * The main job, `ask`, a cancel and a worker's death with a real small model. 0 when all that was promised held, and
 * when no model can be had.
 */
async function real(wanted: string[]): Promise<number> {
  const model = await startRealModelServer().catch((error: unknown) => {
    if (error instanceof NotToBeHad) return error;
    throw error;
  });
  if (model instanceof NotToBeHad) {
    console.log(`Skipped. ${model.message}`);
    return 0;
  }
  console.log(`Used: ${model.used}.`);
  const servers = await ownServers();
  const house = await openHouse({ ...servers.env, MODEL: 'openai/smollm2', OPENAI_BASE_URL: model.url });
  let failures = 0;
  try {
    for (const [name, play] of Object.entries(scenes)) {
      if (wanted.length > 0 && !wanted.includes(name)) continue;
      const began = performance.now();
      const outcome = await play(house).then(
        (told) => `holds: ${told}`,
        (error: unknown) => {
          failures += 1;
          return `FAILS: ${error instanceof Error ? error.message : String(error)}`;
        },
      );
      console.log(`${name} (${Math.round((performance.now() - began) / 1000)} s) ${outcome}`);
    }
  } finally {
    await house.close();
    await servers.close();
    await model.close();
  }
  console.log(failures === 0 ? 'All of it holds.' : `${failures} of it fail.`);
  return failures === 0 ? 0 : 1;
}
