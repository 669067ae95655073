import type { Parts } from '../parts.js';
import { HomeController } from './home.controller.js';
import { LinksController } from './links.controller.js';

export const home: Parts = {
  controllers: [HomeController, LinksController],
  providers: [],
};
