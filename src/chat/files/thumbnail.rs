//! A small picture of a picture, made anew from its points: nothing else that was in the file is in it.

use std::io::Cursor;

use image::{
    DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits, codecs::jpeg::JpegEncoder, metadata::Orientation,
};

/// The longer side, in points.
const SIDE: u32 = 320;
/// The longest side that is read.
const MAX_SIDE: u32 = 20_000;
/// What the points of a picture may take in memory: a few bytes of file can say that they are thousands of millions.
const MAX_BYTES: u64 = 160 * 1024 * 1024;

/// What a picture's points tell.
pub struct Picture {
    /// As it is shown, which a camera may say of one that it took on its side.
    pub width: u32,
    /// As it is shown.
    pub height: u32,
    /// PNG, or JPEG where nothing shines through.
    pub thumbnail: Vec<u8>,
}

/// Reads a picture; nothing: it cannot be read, or is too large to be.
pub fn make(data: &[u8], kind: &str) -> Option<Picture> {
    let format = match kind {
        "image/png" => ImageFormat::Png,
        "image/jpeg" => ImageFormat::Jpeg,
        "image/gif" => ImageFormat::Gif,
        "image/webp" => ImageFormat::WebP,
        _ => return None,
    };
    let mut limits = Limits::default();
    (limits.max_image_width, limits.max_image_height) = (Some(MAX_SIDE), Some(MAX_SIDE));
    limits.max_alloc = Some(MAX_BYTES);
    let mut reader = ImageReader::with_format(Cursor::new(data), format);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().ok()?;
    if decoder.total_bytes() > MAX_BYTES {
        return None;
    }
    let orientation = decoder.orientation().ok()?;
    let picture = DynamicImage::from_decoder(decoder).ok()?;
    let (mut width, mut height) = (picture.width(), picture.height());
    let mut small = if width.max(height) > SIDE { picture.thumbnail(SIDE, SIDE) } else { picture };
    small.apply_orientation(orientation);
    let on_its_side = matches!(
        orientation,
        Orientation::Rotate90 | Orientation::Rotate270 | Orientation::Rotate90FlipH | Orientation::Rotate270FlipH
    );
    if on_its_side {
        (width, height) = (height, width);
    }
    Some(Picture { width, height, thumbnail: encode(&small)? })
}

fn encode(small: &DynamicImage) -> Option<Vec<u8>> {
    let mut out = Cursor::new(Vec::new());
    if small.color().has_alpha() {
        DynamicImage::from(small.to_rgba8()).write_to(&mut out, ImageFormat::Png).ok()?;
    } else {
        JpegEncoder::new_with_quality(&mut out, 82).encode_image(&small.to_rgb8()).ok()?;
    }
    Some(out.into_inner())
}
