import CPNG

/// Pictures in black and white.
enum PNGImage {
    /// A PNG file (ISO/IEC 15948) with one bit a pixel and a palette of white and black.
    ///
    /// - Parameters:
    ///   - width: pixels in a row.
    ///   - height: rows.
    ///   - isBlack: whether the pixel of a column and a row is black.
    static func blackAndWhite(width: Int, height: Int, isBlack: (_ column: Int, _ row: Int) -> Bool) throws(QRError) -> [UInt8] {
        var pixels = [UInt8](repeating: 0, count: width * height)
        for row in 0..<height {
            for column in 0..<width where isBlack(column, row) { pixels[row * width + column] = 1 }
        }
        // libpng's simplified interface: unlike the other one it does not report errors by longjmp, which Swift could not survive.
        var image = unsafe png_image()
        unsafe image.version = UInt32(PNG_IMAGE_VERSION)
        unsafe image.width = UInt32(width)
        unsafe image.height = UInt32(height)
        // Grey, by a palette: with two entries libpng packs eight pixels into a byte.
        unsafe image.format = UInt32(PNG_FORMAT_FLAG_COLORMAP)
        unsafe image.colormap_entries = 2
        let palette: [UInt8] = [0xFF, 0x00]
        // What it takes uncompressed is more than enough: each row has one byte more than its pixels need, and the chunks are few.
        var size = height * (width / 8 + 2) + 1024
        var file = [UInt8](repeating: 0, count: size)
        let isWritten = unsafe png_image_write_to_memory(&image, &file, &size, 0, pixels, 0, palette)
        unsafe png_image_free(&image)
        guard isWritten != 0, size <= file.count else { throw QRError(.encoding, "libpng could not write the picture") }
        file.removeSubrange(size...)
        return file
    }
}
