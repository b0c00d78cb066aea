//! A small picture of a picture. Hostile bytes: bounded in pixels before anything is decoded, and a decoder that
//! panics or refuses gives none.

use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};

use doorstep_protocol::documents::Media;
use image::codecs::jpeg::JpegEncoder;
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits};

use crate::limits;

/// A JPEG of at most [`limits::THUMBNAIL_SIDE`] pixels a side, upright, without anything that the camera noted.
/// `None`: none can be made. Blocks; for a thread of its own.
pub fn thumbnail(bytes: &[u8], media: Media) -> Option<Vec<u8>> {
    let format = match media {
        Media::Jpeg => ImageFormat::Jpeg,
        Media::Png => ImageFormat::Png,
        Media::Webp => ImageFormat::WebP,
        _ => return None,
    };
    catch_unwind(AssertUnwindSafe(|| small(bytes, format))).unwrap_or_default()
}

fn small(bytes: &[u8], format: ImageFormat) -> Option<Vec<u8>> {
    let mut bounds = Limits::default();
    bounds.max_image_width = Some(limits::THUMBNAIL_FROM_SIDE);
    bounds.max_image_height = Some(limits::THUMBNAIL_FROM_SIDE);
    bounds.max_alloc = Some(limits::THUMBNAIL_FROM_PIXELS * 8);
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    reader.limits(bounds);
    let mut decoder = reader.into_decoder().ok()?;
    let (width, height) = decoder.dimensions();
    let pixels = u64::from(width) * u64::from(height);
    if pixels > limits::THUMBNAIL_FROM_PIXELS || decoder.total_bytes() > limits::THUMBNAIL_FROM_PIXELS * 4 {
        return None;
    }
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let whole = DynamicImage::from_decoder(decoder).ok()?;
    let side = limits::THUMBNAIL_SIDE;
    let mut small = if width.max(height) > side { whole.thumbnail(side, side) } else { whole };
    small.apply_orientation(orientation);
    let mut out = Vec::new();
    JpegEncoder::new_with_quality(&mut out, 78).encode_image(&small.to_rgb8()).ok()?;
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn png(width: u32, height: u32) -> Vec<u8> {
        let mut bytes = Vec::new();
        let picture = DynamicImage::new_luma8(width, height);
        picture.write_to(&mut Cursor::new(&mut bytes), ImageFormat::Png).expect("encodes");
        bytes
    }

    #[test]
    fn a_picture_becomes_small_and_keeps_its_shape() {
        let small = thumbnail(&png(1_280, 640), Media::Png).expect("made");
        let small = image::load_from_memory_with_format(&small, ImageFormat::Jpeg).expect("a JPEG");
        assert_eq!((small.width(), small.height()), (320, 160));
        let tiny = thumbnail(&png(8, 8), Media::Png).expect("made");
        assert_eq!(image::load_from_memory(&tiny).expect("a JPEG").width(), 8, "never larger than it was");
    }

    /// The header alone decides: nothing of a picture beyond the limits is decoded.
    #[test]
    fn a_picture_of_too_many_pixels_gives_none() {
        let mut bomb = png(64, 64);
        // Width and height of IHDR, and its checksum made right again.
        for (width, height) in [(60_000u32, 60_000u32), (16_000, 16_000), (u32::MAX, 1)] {
            bomb[16..20].copy_from_slice(&width.to_be_bytes());
            bomb[20..24].copy_from_slice(&height.to_be_bytes());
            let sum = crc(&bomb[12..29]);
            bomb[29..33].copy_from_slice(&sum.to_be_bytes());
            assert_eq!(thumbnail(&bomb, Media::Png), None, "{width} by {height}");
        }
    }

    #[test]
    fn what_is_no_picture_gives_none() {
        let whole = png(200, 200);
        for cut in [0, 8, 30, whole.len() / 2] {
            assert_eq!(thumbnail(&whole[..cut], Media::Png), None);
        }
        assert_eq!(thumbnail(&whole, Media::Jpeg), None);
        assert_eq!(thumbnail(b"%PDF-1.7", Media::Pdf), None);
    }

    fn crc(bytes: &[u8]) -> u32 {
        !bytes.iter().fold(!0u32, |crc, byte| {
            (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
                (crc >> 1) ^ (0xedb8_8320 & (0u32.wrapping_sub(crc & 1)))
            })
        })
    }
}
