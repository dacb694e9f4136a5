/** Two soft tones for a new message: made here, so that nothing is loaded. */

let context: AudioContext | null = null;

export function chime(): void {
  try {
    context ??= new AudioContext();
    // Browsers let a page make sounds once somebody has pressed something on it.
    if (context.state === "suspended") void context.resume();
    const start = context.currentTime;
    [660, 880].forEach((frequency, at) => tone(context!, frequency, start + at * 0.12));
  } catch {
    // No sound here; the badge says the same.
  }
}

function tone(audio: AudioContext, frequency: number, at: number): void {
  const oscillator = audio.createOscillator();
  const volume = audio.createGain();
  oscillator.frequency.value = frequency;
  volume.gain.setValueAtTime(0, at);
  volume.gain.linearRampToValueAtTime(0.08, at + 0.02);
  volume.gain.exponentialRampToValueAtTime(0.0001, at + 0.25);
  oscillator.connect(volume).connect(audio.destination);
  oscillator.start(at);
  oscillator.stop(at + 0.26);
}
