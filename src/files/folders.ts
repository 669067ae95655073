import { Inject, Injectable } from '@nestjs/common';
import { type InputFolder, createInputFolder } from '../../store/folders/input-folder.js';
import { type OutputFolder, createOutputFolder } from '../../store/folders/output-folder.js';
import { CONFIG, type Config } from '../config.js';

/** The folders of this machine that jobs may name. The worker has to see the same ones. */
@Injectable()
export class Folders {
  readonly input: InputFolder;
  readonly output: OutputFolder;

  constructor(@Inject(CONFIG) { INPUT_ROOT, OUTPUT_ROOT }: Config) {
    this.input = createInputFolder(INPUT_ROOT);
    this.output = createOutputFolder(OUTPUT_ROOT);
  }
}
