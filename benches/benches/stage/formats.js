// Decodes the same crops from each format and paints them, and says what that took. Owns the clock in the browser.
// `tile` and `quick_tile` are the console's own readers, `crops` what the bench put into the page; both stand before this script.

const bytes = (hex) => Uint8Array.from(hex.match(/../g), (two) => parseInt(two, 16));
const canvas = document.createElement("canvas");
canvas.width = 1920;
canvas.height = 1080;
// As the console's painter has it.
const context = canvas.getContext("2d", { alpha: false, desynchronized: true });

const ways = {
  small: (crop) => put(tile.decodeTile(crop.small, crop.width, crop.height), crop),
  quick: (crop) => put(quick_tile.decodeQuickTile(crop.quick, crop.width, crop.height), crop),
  "png, createImageBitmap": (crop) => bitmap(crop.png, "image/png"),
  "png, ImageDecoder": (crop) => decoded(crop.png, "image/png"),
  "webp, createImageBitmap": (crop) => bitmap(crop.webp, "image/webp"),
  "webp, ImageDecoder": (crop) => decoded(crop.webp, "image/webp"),
};

function put(pixels, { width, height }) {
  context.putImageData(new ImageData(pixels, width, height), 0, 0);
}

async function bitmap(data, type) {
  const image = await createImageBitmap(new Blob([data], { type }), { colorSpaceConversion: "none" });
  context.drawImage(image, 0, 0);
  image.close();
}

async function decoded(data, type) {
  const decoder = new ImageDecoder({ data, type, colorSpaceConversion: "none" });
  const { image } = await decoder.decode();
  context.drawImage(image, 0, 0);
  image.close();
  decoder.close();
}

/** How many pixels of the canvas are not as they should be. */
function wrong(crop) {
  const shown = context.getImageData(0, 0, crop.width, crop.height).data;
  let count = 0;
  for (let at = 0; at < shown.length; at += 4) {
    const same = shown[at] === crop.raw[at + 2] && shown[at + 1] === crop.raw[at + 1] && shown[at + 2] === crop.raw[at];
    if (!same) count++;
  }
  return count;
}

/** Milliseconds for one at a time, and for each of many that are under way at once. */
async function measure(way, crop, rounds) {
  context.clearRect(0, 0, canvas.width, canvas.height);
  await way(crop);
  const differing = wrong(crop);
  for (let round = 0; round < rounds; round++) await way(crop);
  const single = [];
  for (let round = 0; round < rounds; round++) {
    const began = performance.now();
    await way(crop);
    single.push(performance.now() - began);
  }
  const began = performance.now();
  await Promise.all(Array.from({ length: rounds }, () => way(crop)));
  const each = (performance.now() - began) / rounds;
  single.sort((a, b) => a - b);
  const mean = single.reduce((sum, one) => sum + one, 0) / rounds;
  return { mean, p95: single[Math.floor(rounds * 0.95)], each, differing };
}

async function all(rounds) {
  const measured = [];
  for (const crop of crops) {
    for (const key of ["small", "quick", "png", "webp", "raw"]) crop[key] = bytes(crop[key]);
    for (const [name, way] of Object.entries(ways)) {
      measured.push({ crop: crop.name, way: name, ...(await measure(way, crop, rounds)) });
    }
  }
  return measured;
}

all(rounds).then(
  (measured) => (document.title = JSON.stringify({ browser: navigator.userAgent, measured })),
  (error) => (document.title = JSON.stringify({ error: String(error) })),
);
