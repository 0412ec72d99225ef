// A bridge as a process on one core, and what it takes of it: processor time, memory, and what others took meanwhile.
import { readFileSync } from 'node:fs';
import { PartProcess, type Settings } from '../world/product.ts';

/** Of Linux, on every machine that Node runs on. */
const tickMs = 10;

export interface Usage {
  /** Of the process and all its threads: in its own code, and in the kernel's for it. */
  readonly userMs: number;
  readonly systemMs: number;
  /** Of the core, whoever worked on it. */
  readonly coreMs: number;
  readonly memoryKb: number;
}

export class MeasuredBridge {
  readonly url: string;
  readonly #process: PartProcess;
  readonly #core: number;

  private constructor(process: PartProcess, core: number) {
    this.url = process.url;
    this.#process = process;
    this.#core = core;
  }

  /** `command`: for Node. */
  static async start(command: readonly string[], settings: Settings, core: number): Promise<MeasuredBridge> {
    const pinned = ['--cpu-list', String(core), process.execPath, ...command];
    return new MeasuredBridge(await PartProcess.start(pinned, settings, 'taskset'), core);
  }

  get output(): readonly string[] {
    return this.#process.output;
  }

  get hasExited(): boolean {
    return this.#process.hasExited;
  }

  read(): Usage {
    const { pid } = this.#process;
    // Its name, which may hold anything, stands in brackets before these.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
    const [userMs, systemMs] = [Number(fields[11]) * tickMs, Number(fields[12]) * tickMs];
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const memoryKb = Number(/^VmRSS:\s+(\d+)/m.exec(status)![1]);
    const line = new RegExp(`^cpu${this.#core} (.*)$`, 'm').exec(readFileSync('/proc/stat', 'utf8'))![1]!;
    const [user = 0, nice = 0, system = 0, , , irq = 0, softIrq = 0, steal = 0] = line.split(' ').map(Number);
    return { userMs, systemMs, coreMs: (user + nice + system + irq + softIrq + steal) * tickMs, memoryKb };
  }

  async stop(): Promise<void> {
    await this.#process.stop();
  }
}
