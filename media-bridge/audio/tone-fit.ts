// Finds a tone of known pitch in samples: its strength, its phase, and what is left without it.

export interface ToneFit {
  readonly amplitude: number;
  /** Of a sine that starts at the first sample, in radians. */
  readonly phase: number;
  /** Mean squares: of everything, and of what is not the tone. */
  readonly power: number;
  readonly restPower: number;
}

/** Least squares: the samples need not hold a whole number of periods, but should hold one or more. */
export function fitTone(samples: Int16Array | Float64Array, sampleRate: number, hz: number): ToneFit {
  const turn = (2 * Math.PI * hz) / sampleRate;
  const [cosTurn, sinTurn] = [Math.cos(turn), Math.sin(turn)];
  let [cos, sin] = [1, 0];
  let [cc, ss, cs, xc, xs, xx] = [0, 0, 0, 0, 0, 0];
  for (let i = 0; i < samples.length; i++) {
    const x = samples[i]!;
    cc += cos * cos;
    ss += sin * sin;
    cs += cos * sin;
    xc += x * cos;
    xs += x * sin;
    xx += x * x;
    const nextCos = cos * cosTurn - sin * sinTurn;
    sin = sin * cosTurn + cos * sinTurn;
    cos = nextCos;
  }
  const determinant = cc * ss - cs * cs;
  const a = (xs * cc - xc * cs) / determinant;
  const b = (xc * ss - xs * cs) / determinant;
  return {
    amplitude: Math.hypot(a, b),
    phase: Math.atan2(b, a),
    power: xx / samples.length,
    restPower: Math.max(0, xx - a * xs - b * xc) / samples.length,
  };
}
