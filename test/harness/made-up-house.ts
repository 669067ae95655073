import { openBrowser, openTab, type Tab } from './browser.js';
import { closeAll } from './close-all.js';
import { type MadeUpApi, type PageServer, startPageServer } from './page-server.js';

/** The page as it was built, before an API that is made up, with a browser in front of it. */
export interface MadeUpHouse extends PageServer {
  tab(): Promise<Tab>;
}

export async function openMadeUpHouse(api: MadeUpApi): Promise<MadeUpHouse> {
  const server = await startPageServer(api);
  try {
    const browser = await openBrowser();
    return {
      ...server,
      tab: () => openTab(browser),
      close: () => closeAll([() => browser.close(), () => server.close()]),
    };
  } catch (error) {
    await server.close();
    throw error;
  }
}
