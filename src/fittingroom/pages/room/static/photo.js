/**
 * A photo as the API wants it: upright, within its limits. Phones take larger ones; those are made smaller here, which
 * also leaves their place and time behind. What the browser cannot read goes to the server as it is.
 */
const LONGEST = 2048;
const QUALITY = 0.92;

/**
 * @param {File} file
 * @param {{bytes: number, max_px: number}} limits
 * @returns {Promise<Blob>}
 */
export async function prepared(file, limits) {
  let picture;
  try {
    picture = await createImageBitmap(file, { imageOrientation: "from-image" });
  } catch {
    return file; // The server says what is wrong with it, or can read what this browser cannot.
  }
  const longest = Math.max(picture.width, picture.height);
  if (longest <= limits.max_px && file.size <= limits.bytes) return file;
  const scale = Math.min(1, LONGEST / longest);
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(picture.width * scale);
  canvas.height = Math.round(picture.height * scale);
  const context = canvas.getContext("2d");
  if (!context) return file;
  context.fillStyle = "white"; // JPEG has no transparency
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.imageSmoothingQuality = "high";
  context.drawImage(picture, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve) => canvas.toBlob((made) => resolve(made ?? file), "image/jpeg", QUALITY));
}
